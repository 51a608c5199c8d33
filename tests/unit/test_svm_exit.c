// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exit handlers of hv/svm for instructions and exceptions, on a simulated CPU with and without
 * NRIPS, clean bits and flushes by ASID, which the emulators do not all have.
 */
#include "fake_svm.h"

static const u32 every_ability[] = {
	0,
	SVM_FEATURE_NRIP,
	SVM_FEATURE_CLEAN | SVM_FEATURE_FLUSH_ASID,
	SVM_FEATURE_NRIP | SVM_FEATURE_CLEAN | SVM_FEATURE_FLUSH_ASID,
};
#define ABILITIES (sizeof(every_ability) / sizeof(every_ability[0]))

/* Exits whose handler skips the instruction. */
static const struct {
	u64 code;
	const char *bytes;
	u32 length;
} skipped[] = {
	{SVM_EXIT_CPUID, INSN("\x0f\xa2")},
	{SVM_EXIT_VMMCALL, INSN("\x0f\x01\xd9")},
	{SVM_EXIT_HLT, INSN("\xf4")},
	{SVM_EXIT_PAUSE, INSN("\xf3\x90")},
	{SVM_EXIT_INVD, INSN("\x0f\x08")},
	{SVM_EXIT_WBINVD, INSN("\x0f\x09")},
	{SVM_EXIT_RDPMC, INSN("\x0f\x33")},
	{SVM_EXIT_MSR, INSN("\x0f\x32")},
	{SVM_EXIT_RDTSC, INSN("\x0f\x31")},
	{SVM_EXIT_RDTSCP, INSN("\x0f\x01\xf9")},
	{SVM_EXIT_MONITOR, INSN("\x0f\x01\xc8")},
	{SVM_EXIT_MWAIT, INSN("\x0f\x01\xc9")},
	{SVM_EXIT_XSETBV, INSN("\x0f\x01\xd1")},
	{SVM_EXIT_VMRUN, INSN("\x0f\x01\xd8")},
	{SVM_EXIT_VMLOAD, INSN("\x0f\x01\xda")},
	{SVM_EXIT_VMSAVE, INSN("\x0f\x01\xdb")},
	{SVM_EXIT_STGI, INSN("\x0f\x01\xdc")},
	{SVM_EXIT_CLGI, INSN("\x0f\x01\xdd")},
	{SVM_EXIT_SKINIT, INSN("\x0f\x01\xde")},
	{SVM_EXIT_INVLPGA, INSN("\x0f\x01\xdf")},
	{SVM_EXIT_ICEBP, INSN("\xf1")},
	{SVM_EXIT_SWINT, INSN("\xcd\x42")},
	{SVM_EXIT_IDTR_READ, INSN("\x0f\x01\x08")},
	{SVM_EXIT_GDTR_WRITE, INSN("\x0f\x01\x10")},
	{SVM_EXIT_LDTR_WRITE, INSN("\x0f\x00\xd0")},
	{SVM_EXIT_TR_READ, INSN("\x0f\x00\xc8")},
	{SVM_EXIT_RDPRU, INSN("\x0f\x01\xfd")},
	{SVM_EXIT_INVLPG, INSN("\x0f\x01\x3f")},
	{SVM_EXIT_IDLE_HLT, INSN("\xf4")},
	{SVM_EXIT_AVIC_NOACCEL, INSN("\x8b\x06")},
};

static void test_instructions_are_skipped(void **state)
{
	(void)state;
	for (u32 i = 0; i < ABILITIES; i++) {
		vm_make(every_ability[i], (struct hv_config){0});
		for (u32 j = 0; j < sizeof(skipped) / sizeof(skipped[0]); j++) {
			act_of(skipped[j].code, skipped[j].bytes, skipped[j].length);
			vcpu->vmcb->control.interrupt_shadow = 1;
			assert_int_equal(batch(skipped[j].code), 0);
			assert_int_equal(fake.entry[1].rip, CODE + skipped[j].length);
			if (skipped[j].code != SVM_EXIT_AVIC_NOACCEL)
				assert_int_equal(fake.entry[1].shadow, 0);
		}
		vm_end();
	}
}

static void test_traps_are_not_skipped(void **state)
{
	(void)state;
	vm_make(SVM_FEATURE_NRIP, (struct hv_config){0});
	event(SVM_EXIT_AVIC_NOACCEL)->info1 = 1ULL << 32 | 0xd0;
	assert_int_equal(batch(SVM_EXIT_AVIC_NOACCEL), 0);
	assert_int_equal(fake.entry[1].rip, CODE);
	event(SVM_EXIT_AVIC_INCOMPLETE_IPI)->info1 = 1ULL << 32;
	assert_int_equal(batch(SVM_EXIT_AVIC_INCOMPLETE_IPI), 0);
	assert_int_equal(fake.entry[1].rip, CODE);
	event(SVM_EXIT_BUS_LOCK);
	assert_int_equal(batch(SVM_EXIT_BUS_LOCK), 0);
	assert_int_equal(fake.entry[1].rip, CODE);
	assert_int_equal(vcpu->vmcb->control.bus_lock_counter, 1);
	event(SVM_EXIT_PML_FULL);
	vcpu->vmcb->control.pml_index = 0xffff;
	assert_int_equal(batch(SVM_EXIT_PML_FULL), 0);
	assert_int_equal(vcpu->vmcb->control.pml_index, 0x1ff);
	vm_end();
}

/* An exception is injected again, once. */
static void test_exceptions_are_injected(void **state)
{
	static const u8 with_error[] = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30};

	(void)state;
	for (u32 i = 0; i < ABILITIES; i++) {
		vm_make(every_ability[i], (struct hv_config){0});
		for (u32 vector = 0; vector < 32; vector++) {
			u64 event = EVENT(VMCB_EVENT_EXCEPTION, vector);
			bool trap = vector == 3 || vector == 4;
			struct act *exit = act_of(SVM_EXIT_EXCEPTION + vector,
						  trap ? "\xcc" : "\x0f\x0b", trap ? 1 : 2);

			if (vector == VECTOR_MACHINE_CHECK) {
				assert_int_equal(batch(SVM_EXIT_MACHINE_CHECK), -EHWPOISON);
				continue;
			}
			exit->info1 = 0x1234;
			exit->info2 = 0xdead000;
			for (u32 j = 0; j < sizeof(with_error); j++)
				if (with_error[j] == vector)
					event |= VMCB_EVENT_ERROR_CODE | 0x1234ULL << 32;
			act(SVM_EXIT_CPUID, "\x0f\xa2");
			assert_int_equal(batch(SVM_EXIT_EXCEPTION + vector), 0);
			assert_int_equal(fake.entry[1].event, event);
			assert_int_equal(fake.entry[1].rip, trap ? CODE + 1 : CODE);
			assert_int_equal(fake.entry[2].event, 0);
			if (vector == 14)
				assert_int_equal(vcpu->vmcb->save.cr2, 0xdead000);
		}
		vm_end();
	}
}

static void set_r9(struct svm_frame *frame)
{
	frame->r9 = 0x1122334455667788;
}

static void set_rcx(struct svm_frame *frame)
{
	frame->rcx = 0x66;
}

/* The operand's register, the value that goes there or comes from there. */
static void test_control_and_debug_registers(void **state)
{
	struct vmcb_save *save;

	(void)state;
	vm_make(SVM_FEATURE_CLEAN, (struct hv_config){0});
	save = &vcpu->vmcb->save;
	act(SVM_EXIT_WRITE_CR + 3, "\x41\x0f\x22\xd9")->before = set_r9; /* MOV CR3, R9 */
	assert_int_equal(batch(SVM_EXIT_WRITE_CR + 3), 0);
	assert_int_equal(save->cr3, 0x1122334455667788);
	act(SVM_EXIT_WRITE_CR + 0, "\x0f\x22\xc1")->before = set_rcx;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR), 0);
	assert_int_equal(save->cr0, 0x66);
	act(SVM_EXIT_WRITE_CR + 4, "\x0f\x22\xe1")->before = set_rcx;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR + 4), 0);
	assert_int_equal(save->cr4, 0x66);
	act(SVM_EXIT_WRITE_CR + 2, "\x0f\x22\xd1")->before = set_rcx;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR + 2), 0);
	assert_int_equal(save->cr2, 0x66);
	act(SVM_EXIT_WRITE_CR + 8, "\x44\x0f\x22\xc1")->before = set_rcx;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR + 8), 0);
	assert_int_equal(vcpu->vmcb->control.virtual_interrupt, VMCB_V_INTR_MASKING | 6);
	act(SVM_EXIT_READ_CR + 8, "\x44\x0f\x20\xc2"); /* MOV RDX, CR8 */
	act(SVM_EXIT_READ_CR + 0, "\x0f\x20\xc3");
	act(SVM_EXIT_READ_CR + 2, "\x0f\x20\xd5");
	act(SVM_EXIT_READ_CR + 3, "\x41\x0f\x20\xdf"); /* MOV R15, CR3 */
	act(SVM_EXIT_READ_CR + 4, "\x0f\x20\xe0");
	save->cr0 = 0x80000011;
	save->cr4 = 0x44;
	vcpu->vmcb->control.clean = 0; /* changed by the test itself */
	assert_int_equal(batch(SVM_EXIT_READ_CR), 0);
	assert_int_equal(vcpu->frame.rdx, 6);
	assert_int_equal(vcpu->frame.rbx, 0x80000011);
	assert_int_equal(vcpu->frame.rbp, 0x66);
	assert_int_equal(vcpu->frame.r15, 0x1122334455667788);
	assert_int_equal(save->rax, 0x44);
	act(SVM_EXIT_WRITE_CR + 0, "\x0f\x06"); /* CLTS */
	save->cr0 = 0x8000001b;
	vcpu->vmcb->control.clean = 0;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR), 0);
	assert_int_equal(save->cr0, 0x80000013);
	act(SVM_EXIT_WRITE_CR + 0, "\x0f\x01\xf1")->before = set_rcx; /* LMSW CX: not PE */
	assert_int_equal(batch(SVM_EXIT_WRITE_CR), 0);
	assert_int_equal(save->cr0, 0x80000017);
	act(SVM_EXIT_WRITE_DR + 7, "\x0f\x23\xf9")->before = set_rcx;
	act(SVM_EXIT_READ_DR + 7, "\x0f\x21\xf8");
	act(SVM_EXIT_READ_DR + 0, "\x0f\x21\xc1");
	assert_int_equal(batch(SVM_EXIT_WRITE_DR + 7), 0);
	assert_int_equal(save->dr7, 0x66);
	assert_int_equal(save->rax, 0x66);
	assert_int_equal(vcpu->frame.rcx, 0);
	vm_end();
}

static void before_string(struct svm_frame *frame)
{
	frame->rcx = 8;
	frame->rsi = 0x1000;
	frame->rdi = 0x2000;
}

/* Where the CPU names the register and where the instruction ends, nothing is decoded. */
static void test_decode_assists(void **state)
{
	static const char nothing[] = "\xff\xff\xff\xff";
	struct vmcb_save *save;
	struct act *exit;

	(void)state;
	vm_make(SVM_FEATURE_NRIP | SVM_FEATURE_DECODE_ASSISTS | SVM_FEATURE_CLEAN,
		(struct hv_config){0});
	save = &vcpu->vmcb->save;
	exit = act(SVM_EXIT_WRITE_CR + 3, nothing);
	exit->info1 = 1ULL << 63 | 9;
	exit->before = set_r9;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR + 3), 0);
	assert_int_equal(save->cr3, 0x1122334455667788);
	assert_int_equal(fake.entry[1].rip, CODE + 4);
	exit = act(SVM_EXIT_CR0_SEL_WRITE, nothing);
	exit->info1 = 1ULL << 63 | 1;
	exit->before = set_rcx;
	assert_int_equal(batch(SVM_EXIT_CR0_SEL_WRITE), 0);
	assert_int_equal(save->cr0, 0x66);
	act(SVM_EXIT_READ_CR + 0, nothing)->info1 = 1ULL << 63 | 15;
	assert_int_equal(batch(SVM_EXIT_READ_CR), 0);
	assert_int_equal(vcpu->frame.r15, 0x66);
	act(SVM_EXIT_WRITE_CR + 0, "\x0f\x06")->info1 = 0; /* CLTS is no MOV */
	save->cr0 = 0x8000001b;
	vcpu->vmcb->control.clean = 0;
	assert_int_equal(batch(SVM_EXIT_WRITE_CR), 0);
	assert_int_equal(save->cr0, 0x80000013);
	exit = act(SVM_EXIT_WRITE_DR + 7, nothing);
	exit->info1 = 1;
	exit->before = set_rcx;
	act(SVM_EXIT_READ_DR + 7, nothing)->info1 = 3;
	assert_int_equal(batch(SVM_EXIT_WRITE_DR + 7), 0);
	assert_int_equal(save->dr7, 0x66);
	assert_int_equal(vcpu->frame.rbx, 0x66);
	assert_int_equal(fake.entry[2].rip, CODE + 8);
	vm_end();
}

/* EXITINFO1: port, size, REP, string, IN: APM Vol. 2, 15.10.2. RIP is EXITINFO2. */
static void test_io(void **state)
{
	static const struct {
		u64 info;
		u64 rax, rcx, rsi, rdi;
	} rows[] = {
		{GUEST_PORT_STORM << 16 | 1 << 4, 0x55667788, 8, 0x1000, 0x2000},
		{GUEST_PORT_STORM << 16 | 1 << 4 | 1, 0x556677ff, 8, 0x1000, 0x2000},
		{GUEST_PORT_STORM << 16 | 2 << 4 | 1, 0x5566ffff, 8, 0x1000, 0x2000},
		{GUEST_PORT_STORM << 16 | 4 << 4 | 1, 0xffffffff, 8, 0x1000, 0x2000},
		{GUEST_PORT_STORM << 16 | 1 << 4 | 4, 0x55667788, 8, 0x1001, 0x2000},
		{GUEST_PORT_STORM << 16 | 2 << 4 | 4 | 8, 0x55667788, 0, 0x1010, 0x2000},
		{GUEST_PORT_STORM << 16 | 1 << 4 | 4 | 8 | 1, 0x55667788, 0, 0x1000, 0x2008},
	};

	(void)state;
	vm_make(0, (struct hv_config){0});
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct act *exit = event(SVM_EXIT_IOIO);

		exit->info1 = rows[i].info;
		exit->info2 = CODE + 77;
		exit->before = before_string;
		vcpu->vmcb->save.rax = 0x55667788;
		assert_int_equal(batch(SVM_EXIT_IOIO), 0);
		assert_int_equal(fake.entry[1].rip, CODE + 77);
		assert_int_equal(vcpu->vmcb->save.rax, rows[i].rax);
		assert_int_equal(vcpu->frame.rcx, rows[i].rcx);
		assert_int_equal(vcpu->frame.rsi, rows[i].rsi);
		assert_int_equal(vcpu->frame.rdi, rows[i].rdi);
	}
	event(SVM_EXIT_IOIO)->info1 = GUEST_PORT_FAULT << 16 | 1 << 4;
	assert_int_equal(batch(SVM_EXIT_IOIO), -EPROTO);
	vm_end();
}

/* Shutdown leaves a state that means nothing. */
static void scramble(struct svm_frame *frame)
{
	memset(&frame->vmcb->save, 0xcc, offsetof(struct vmcb_save, reserved6));
}

/* PUSHF, POPF, IRET and a RDMSR are made by the host: what changes with them. */
static void test_emulated(void **state)
{
	struct vmcb_save *save;
	struct vmcb_save was;
	u64 *stack, top;

	(void)state;
	vm_make(0, (struct hv_config){0});
	save = &vcpu->vmcb->save;
	top = save->rsp - 64;
	save->rsp = top;
	stack = (u64 *)(vm->memory + top);
	save->rflags = 1 << 16 | 0x202;
	act(SVM_EXIT_PUSHF, "\x9c");
	assert_int_equal(batch(SVM_EXIT_PUSHF), 0);
	assert_int_equal(save->rsp, top - 8);
	assert_int_equal(stack[-1], 0x202);
	assert_int_equal(fake.entry[1].rip, CODE + 1);
	stack[-1] = 1 << 17 | 0x240;
	act(SVM_EXIT_POPF, "\x9d");
	assert_int_equal(batch(SVM_EXIT_POPF), 0);
	assert_int_equal(save->rsp, top);
	assert_int_equal(save->rflags, 0x242);
	memcpy(stack, (u64[]){0x123456, save->cs.selector, 0x246, 0x654320, save->ss.selector}, 40);
	act(SVM_EXIT_IRET, "\x48\xcf");
	assert_int_equal(batch(SVM_EXIT_IRET), 0);
	assert_int_equal(fake.entry[1].rip, 0x123456);
	assert_int_equal(save->rflags, 0x246);
	assert_int_equal(save->rsp, 0x654320);
	save->rsp = top;
	stack[1] = 0x33; /* another segment: not by us */
	act(SVM_EXIT_IRET, "\x48\xcf");
	assert_int_equal(batch(SVM_EXIT_IRET), -EPROTO);
	save->rsp = vm->memory_bytes + 0x1000;
	act(SVM_EXIT_PUSHF, "\x9c");
	assert_int_equal(batch(SVM_EXIT_PUSHF), -EPROTO);
	save->rax = vcpu->frame.rdx = ~0ULL;
	act(SVM_EXIT_MSR, "\x0f\x30")->info1 = 1; /* WRMSR takes nothing */
	assert_int_equal(batch(SVM_EXIT_MSR), 0);
	assert_true(save->rax == ~0ULL && vcpu->frame.rdx == ~0ULL);
	act(SVM_EXIT_MSR, "\x0f\x32");
	assert_int_equal(batch(SVM_EXIT_MSR), 0);
	assert_true(!save->rax && !vcpu->frame.rdx);
	vcpu->frame.rbx = 0x1000;
	vcpu->frame.rcx = 0x2000;
	was = *save;
	event(SVM_EXIT_SHUTDOWN)->before = scramble;
	vmcb_inject(vcpu, EVENT(VMCB_EVENT_INTERRUPT, 0x41));
	assert_int_equal(batch(SVM_EXIT_SHUTDOWN), 0);
	assert_int_equal(fake.entry[0].event, EVENT(VMCB_EVENT_INTERRUPT, 0x41));
	assert_int_equal(fake.entry[1].event, 0); /* it has been delivered */
	assert_int_equal(fake.entry[1].rip, 0x1000);
	assert_int_equal(save->rsp, 0x2000);
	assert_int_equal(save->cr3, was.cr3);
	assert_int_equal(save->efer, was.efer);
	assert_memory_equal(&save->es, &was.es, 10 * sizeof(save->es));
	vm_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instructions_are_skipped),
		cmocka_unit_test(test_traps_are_not_skipped),
		cmocka_unit_test(test_exceptions_are_injected),
		cmocka_unit_test(test_control_and_debug_registers),
		cmocka_unit_test(test_decode_assists),
		cmocka_unit_test(test_io),
		cmocka_unit_test(test_emulated),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
