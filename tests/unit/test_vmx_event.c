// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Machine checks in hv/vmx: exits, and CR4.MCE of the guest. A process cannot execute VMREAD,
 * VMWRITE and MOV from CR4: the signals that they raise are handled here, with fields of a
 * simulated VMCS. No emulator raises a machine check in VMX non-root operation.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include "../../hv/backend.h"
#include "../../hv/cpu.h"
#include "../../hv/host.h"
#include "../../hv/vmx/event.h"
#include "../../hv/vmx/exit.h"
#include "../../hv/vmx/setup.h"

#define FIELDS		 0x8000
#define EVENT(type, vec) (1U << 31 | (type) << 8 | (vec))
#define TYPE_NMI	 2
#define SELF_VECTOR	 0xf6
#define TYPE_HARDWARE	 3
#define TYPE_SOFTWARE	 6
#define CR4_VMXE	 (1ULL << 13)
#define CR4_PGE		 (1ULL << 7)

static u64 vmcs[FIELDS], cr4;
static u32 nmis;
static bool pending;

bool host_machine_check_pending(void)
{
	return pending;
}

u64 host_physical(const void *memory)
{
	return (u64)memory & ~0xfffULL;
}

u32 host_cpu(void)
{
	return 0;
}

void host_nmi_end(void)
{
	nmis++;
}

void host_nmi_expect(bool expect)
{
	(void)expect;
}

u32 host_nmis(void)
{
	return nmis;
}

#define APIC_ICR_HIGH 0x310
static u32 apic[0x400], nmis_pending;

u64 host_apic(void)
{
	return (u64)apic;
}

static u32 interrupts_of_self, interrupts_pending;

bool host_interrupt_end(u32 vector)
{
	if (vector == SELF_VECTOR)
		interrupts_of_self++;
	return false;
}

u32 host_interrupts_of_self(void)
{
	return interrupts_of_self;
}

bool host_interrupts_take(void)
{
	interrupts_of_self += interrupts_pending;
	interrupts_pending = 0;
	nmis += nmis_pending;
	nmis_pending = 0;
	apic[APIC_ICR_HIGH / 4] = 3U << 24; /* an IPI of a handler's */
	return false;
}

void host_signal_end(void)
{
}

/* The register operand of ModRM, as an element of gregs. */
static greg_t *gpr(ucontext_t *context, u32 number)
{
	static const int order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				    REG_RSI, REG_RDI, REG_R8,  REG_R9,	REG_R10, REG_R11,
				    REG_R12, REG_R13, REG_R14, REG_R15};

	return &context->uc_mcontext.gregs[order[number]];
}

/* REX 0F opcode ModRM, with two registers. */
static void on_signal(int number, siginfo_t *info, void *arg)
{
	ucontext_t *context = arg;
	greg_t *rip = &context->uc_mcontext.gregs[REG_RIP], *reg, *rm;
	const u8 *code = (const u8 *)*rip;
	u8 rex = (code[0] & 0xf0) == 0x40 ? *code++ : 0;

	(void)number;
	(void)info;
	if (code[0] != 0x0f || code[2] >> 6 != 3)
		abort();
	reg = gpr(context, (code[2] >> 3 & 7) | (rex & 4) << 1);
	rm = gpr(context, (code[2] & 7) | (rex & 1) << 3);
	switch (code[1]) {
	case 0x20: /* MOV from CR */
		*rm = cr4;
		break;
	case 0x78: /* VMREAD */
		*rm = vmcs[*reg % FIELDS];
		break;
	case 0x79: /* VMWRITE */
		vmcs[*reg % FIELDS] = *rm;
		break;
	default:
		abort();
	}
	*rip = (greg_t)(code + 3);
}

static struct hv_vm hv_vm;
static struct hv_vcpu hv;
static struct vmx_vm vm;
static struct vmx_vcpu *vcpu;
static struct record record;

/* At the beginning of a test: cmocka installs handlers of its own. */
static void handle_signals(void)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER};

	sigaction(SIGILL, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

static int setup(void **state)
{
	(void)state;
	vcpu = aligned_alloc(0x1000, (sizeof(*vcpu) + 0xfff) & ~0xfffULL);
	memset(vcpu, 0, sizeof(*vcpu));
	hv.vm = &hv_vm;
	vcpu->vcpu = &hv;
	vcpu->vm = &vm;
	vm.capabilities.cr4_fixed0 = CR4_VMXE;
	vm.capabilities.cr4_fixed1 = 0x3fffff;
	vm.capabilities.cr0_fixed1 = ~0U;
	vcpu->frame.record = &record;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(vcpu);
	return 0;
}

/* vmx_handle after an exit, in a batch about `expected`. */
static int exit_in(u32 expected, u32 reason, u32 info)
{
	vcpu->frame.batch.raw_reason = expected;
	vcpu->frame.handler = vmx_exit_handler(expected);
	vmcs[VMCS_EXIT_REASON] = reason;
	vmcs[VMCS_EXIT_INTERRUPTION_INFO] = info;
	vmcs[VMCS_ENTRY_INTERRUPTION_INFO] = 0;
	return vmx_handle(&vcpu->frame);
}

static void test_exits(void **state)
{
	static const u32 expected[] = {VMX_EXIT_CPUID, VMX_EXIT_EXCEPTION_NMI,
				       VMX_EXIT_EXTERNAL_INTERRUPT, VMX_EXIT_TRIPLE_FAULT};
	u32 failed = VMX_EXIT_ENTRY_FAILURE;

	(void)state;
	handle_signals();
	for (u32 i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		u32 before = nmis;

		assert_int_equal(exit_in(expected[i], VMX_EXIT_EXCEPTION_NMI,
					 EVENT(TYPE_HARDWARE, VECTOR_MACHINE_CHECK)),
				 RAW_MACHINE_CHECK);
		assert_int_equal(vmcs[VMCS_ENTRY_INTERRUPTION_INFO], 0); /* not the guest's */
		assert_int_equal(exit_in(expected[i], failed | VMX_EXIT_MACHINE_CHECK, 0),
				 RAW_MACHINE_CHECK);
		assert_int_equal(exit_in(expected[i], failed | VMX_EXIT_INVALID_GUEST_STATE, 0),
				 RAW_UNEXPECTED);
		assert_int_equal(nmis, before);
		assert_int_equal(exit_in(expected[i], VMX_EXIT_EXCEPTION_NMI, EVENT(TYPE_NMI, 2)),
				 0);
		assert_int_equal(nmis, before + 1);
		/* All other exceptions are the guest's. */
		for (u32 vector = 0; vector < 32; vector++) {
			u32 info = EVENT(vector == 3 ? TYPE_SOFTWARE : TYPE_HARDWARE, vector);

			if (vector == 2 || vector == 14 || vector == VECTOR_MACHINE_CHECK)
				continue;
			assert_int_equal(exit_in(expected[i], VMX_EXIT_EXCEPTION_NMI, info), 0);
			assert_int_equal(vmcs[VMCS_ENTRY_INTERRUPTION_INFO], info);
		}
		assert_int_equal(nmis, before + 1);
	}
}

/* The guest has the host's CR4.MCE, and does not see it. */
static void test_cr4(void **state)
{
	(void)state;
	handle_signals();
	for (u32 on = 0; on < 2; on++) {
		u64 mce = on ? CR4_MCE : 0;

		cr4 = CR4_VMXE | mce;
		vmcs_setup(vcpu);
		assert_int_equal(vmcs[VMCS_GUEST_CR4] & (CR4_MCE | CR4_VMXE | CR4_PGE),
				 CR4_VMXE | CR4_PGE | mce);
		assert_int_equal(vmcs[VMCS_CR4_READ_SHADOW] & (CR4_MCE | CR4_VMXE | CR4_PGE),
				 CR4_PGE);
		assert_int_equal(vmcs[VMCS_CR4_MASK], ~0ULL);
		vcpu->frame.rcx = 0x20;
		vmcs[VMCS_EXIT_QUALIFICATION] = 4 | 1 << 8; /* MOV RCX to CR4 */
		assert_int_equal(exit_in(VMX_EXIT_CR_ACCESS, VMX_EXIT_CR_ACCESS, 0), 0);
		assert_int_equal(vmcs[VMCS_GUEST_CR4], 0x20 | CR4_VMXE | mce);
		assert_int_equal(vmcs[VMCS_CR4_READ_SHADOW], 0x20);
	}
}

/* One INIT more than was awaited passes, flagged and not counted; the next one is an error. */
static void test_repeated_signal(void **state)
{
	(void)state;
	handle_signals();
	vcpu->frame.batch.count = 0;
	for (u32 round = 0; round < 3; round++) {
		record.flags = 0;
		vcpu->raw.others = 0;
		vcpu->signal_awaited = true;
		assert_int_equal(exit_in(VMX_EXIT_INIT, VMX_EXIT_INIT, 0), 0);
		assert_int_equal(vcpu->frame.batch.count, round + 1);
		assert_int_equal(record.flags, 0);
		assert_int_equal(exit_in(VMX_EXIT_INIT, VMX_EXIT_INIT, 0), 0);
		assert_int_equal(vcpu->frame.batch.count, round + 1);
		assert_int_equal(vcpu->raw.others, 1);
		assert_true(record.flags & RECORD_EXTRA_EXIT);
	}
	assert_int_equal(exit_in(VMX_EXIT_INIT, VMX_EXIT_INIT, 0), RAW_UNEXPECTED);
	/* Also in a batch about something else. */
	vcpu->signal_may_repeat = true;
	vcpu->raw.others = 0;
	assert_int_equal(exit_in(VMX_EXIT_CPUID, VMX_EXIT_INIT, 0), 0);
	assert_int_equal(vcpu->raw.others, 1);
	assert_int_equal(exit_in(VMX_EXIT_CPUID, VMX_EXIT_INIT, 0), RAW_UNEXPECTED);
}

/* A storm of interrupts counts its own; those of the host flag the record and count as others. */
static void test_interrupts(void **state)
{
	static const struct {
		u32 expected, acknowledge, vector, pending;
		u32 count, interrupts;
	} rows[] = {
		{VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0, 1, 1, 0},
		{VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0, 0, 0, 1},
		{VMX_EXIT_EXTERNAL_INTERRUPT, VMX_EXIT_ACKNOWLEDGE_INTERRUPT, SELF_VECTOR, 0, 1, 0},
		{VMX_EXIT_EXTERNAL_INTERRUPT, VMX_EXIT_ACKNOWLEDGE_INTERRUPT, 0xec, 0, 0, 1},
		{VMX_EXIT_CPUID, 0, 0, 0, 0, 1},
		{VMX_EXIT_CPUID, 0, 0, 1, 0, 1},
	};

	(void)state;
	handle_signals();
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vcpu->frame.batch.count = 0;
		vcpu->raw = (struct raw_vcpu){0};
		record.flags = 0;
		interrupts_pending = rows[i].pending;
		vm.controls.value[VMX_EXIT] = rows[i].acknowledge;
		assert_int_equal(exit_in(rows[i].expected, VMX_EXIT_EXTERNAL_INTERRUPT,
					 EVENT(0, rows[i].vector)),
				 0);
		assert_int_equal(vcpu->frame.batch.count, rows[i].count);
		assert_int_equal(vcpu->raw.others, rows[i].interrupts);
		assert_int_equal(vcpu->raw.interrupts, rows[i].interrupts);
		assert_int_equal(record.flags, rows[i].interrupts ? RECORD_IRQ : 0);
	}
	vm.controls.value[VMX_EXIT] = 0;
}

/*
 * Interrupts in a guest that has the host's APIC: the destination of its next NMI stays, and an NMI
 * that the host's handlers get is not waited for.
 */
static void test_host_apic(void **state)
{
	(void)state;
	handle_signals();
	for (u32 own = 0; own < 2; own++) {
		for (u32 comes = 0; comes < 2; comes++) {
			vcpu->frame.batch.count = 0;
			vcpu->raw = (struct raw_vcpu){.apic = own ? (u64)apic : 0};
			vcpu->frame.rax = 0;
			record.flags = 0;
			nmis_pending = comes;
			apic[APIC_ICR_HIGH / 4] = 7U << 24;
			assert_int_equal(
				exit_in(VMX_EXIT_EXCEPTION_NMI, VMX_EXIT_EXTERNAL_INTERRUPT, 0), 0);
			assert_int_equal(apic[APIC_ICR_HIGH / 4], (own ? 7U : 3U) << 24);
			assert_int_equal(vcpu->frame.rax, own && comes);
			assert_int_equal(vcpu->frame.batch.count, own && comes);
			assert_int_equal(record.flags, RECORD_IRQ);
		}
	}
}

/* hv_kick ends a batch at the next interrupt or NMI, also where the storm expects these. */
static void test_kick(void **state)
{
	static const struct {
		u32 expected, reason, info;
	} rows[] = {
		{VMX_EXIT_CPUID, VMX_EXIT_EXTERNAL_INTERRUPT, 0},
		{VMX_EXIT_EXTERNAL_INTERRUPT, VMX_EXIT_EXTERNAL_INTERRUPT, 0},
		{VMX_EXIT_CPUID, VMX_EXIT_EXCEPTION_NMI, EVENT(TYPE_NMI, 2)},
		{VMX_EXIT_EXCEPTION_NMI, VMX_EXIT_EXCEPTION_NMI, EVENT(TYPE_NMI, 2)},
	};

	(void)state;
	handle_signals();
	for (u32 kicked = 0; kicked < 2; kicked++) {
		vcpu->raw = (struct raw_vcpu){.kicked = kicked};
		for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			assert_int_equal(exit_in(rows[i].expected, rows[i].reason, rows[i].info),
					 kicked ? RAW_KICKED : 0);
		vcpu->frame.handler = vmx_handle_nmi; /* the storm of NMIs */
		vmcs[VMCS_EXIT_INTERRUPTION_INFO] = EVENT(TYPE_NMI, 2);
		assert_int_equal(vmx_handle(&vcpu->frame), kicked ? RAW_KICKED : 0);
	}
}

/* A failed entry, an unexpected exit and an exception of the guest's may be a machine check's. */
static void test_pending(void **state)
{
	static const int ends[] = {VMX_FAILED_VALID, VMX_FAILED_INVALID, RAW_FAULT, RAW_UNEXPECTED};

	(void)state;
	for (u32 i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		pending = false;
		assert_int_equal(raw_end_of(ends[i]), ends[i]);
		pending = true;
		assert_int_equal(raw_end_of(ends[i]), RAW_MACHINE_CHECK);
	}
	assert_int_equal(raw_end_of(RAW_DONE), RAW_DONE);
	assert_int_equal(raw_end_of(RAW_KICKED), RAW_KICKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cr4, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repeated_signal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kick, setup, teardown),
		cmocka_unit_test_setup_teardown(test_host_apic, setup, teardown),
		cmocka_unit_test(test_pending),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
