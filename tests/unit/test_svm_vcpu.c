// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The VMCB that hv/svm gives to VMRUN, batch by batch; on a simulated CPU.
 */
#include "fake_svm.h"

#define ALL_BITS VMCB_CLEAN_ALL

/* The first VMRUN of a vCPU loads all; later ones only what was changed, if the CPU has the bits.
 */
static void test_clean_bits(void **state)
{
	u32 all = ALL_BITS;

	(void)state;
	for (u32 can = 0; can < 2; can++) {
		vm_make(can ? SVM_FEATURE_CLEAN | SVM_FEATURE_NRIP : SVM_FEATURE_NRIP,
			(struct hv_config){0});
		act(SVM_EXIT_CPUID, "\x0f\xa2");
		act(SVM_EXIT_CPUID, "\x0f\xa2");
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
		assert_int_equal(fake.entry[0].clean, 0);
		assert_int_equal(fake.entry[2].clean, can ? all : 0);
		act(SVM_EXIT_CPUID, "\x0f\xa2");
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
		assert_int_equal(fake.entry[0].clean, can ? all : 0);
		act(SVM_EXIT_HLT, "\xf4"); /* other intercepts */
		assert_int_equal(batch(SVM_EXIT_RDTSC), 0);
		assert_int_equal(fake.entry[0].clean, can ? all & ~VMCB_CLEAN_INTERCEPTS : 0);
		act(SVM_EXIT_WRITE_CR + 0, "\x0f\x22\xc0");
		assert_int_equal(batch(SVM_EXIT_WRITE_CR), 0);
		assert_int_equal(fake.entry[1].clean & VMCB_CLEAN_CR, 0);
		vm_end();
	}
}

/* On another CPU, and after another vCPU on the same one: nothing is clean, and what is cached of
 * translations goes. */
static void test_change_of_cpu(void **state)
{
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = SVM_EXIT_CPUID};

	(void)state;
	vm_make(SVM_FEATURE_CLEAN | SVM_FEATURE_FLUSH_ASID | SVM_FEATURE_NRIP,
		(struct hv_config){0});
	for (u32 round = 0; round < 2; round++) {
		act(SVM_EXIT_CPUID, "\x0f\xa2");
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
	}
	assert_int_equal(fake.entry[0].clean, ALL_BITS);
	assert_int_equal(fake.entry[0].tlb, VMCB_TLB_NOTHING);
	fake.is_cached = false;
	fake.entries = 0;
	assert_int_equal(hv_run(hv_vcpu(vm, 1), &loop, &unexpected), 0);
	fake.is_cached = false;
	assert_int_equal(batch(SVM_EXIT_CPUID), 0);
	assert_int_equal(fake.entry[0].clean, 0);
	assert_int_equal(fake.entry[0].tlb, VMCB_TLB_ASID);
	fake.cpu = 1;
	fake.is_cached = false;
	assert_int_equal(batch(SVM_EXIT_CPUID), -EINVAL);
	assert_non_null(strstr(unexpected.why, "SVM is not on on CPU 1"));
	fake.efer = 0;
	assert_int_equal(hv_svm.cpu_on(unexpected.why), 0);
	assert_int_equal(batch(SVM_EXIT_CPUID), 0);
	assert_int_equal(fake.entry[0].clean, 0);
	assert_int_equal(fake.entry[0].tlb, VMCB_TLB_ASID);
	hv_svm.cpu_off();
	fake.cpu = 0;
	fake.efer = EFER_SVME; /* each CPU has one of its own, the fake one for all */
	vm_end();
}

/* A change of translations flushes the guest's at the next VMRUN, and only then. */
static void test_flushes(void **state)
{
	static const struct {
		u64 code;
		const char *bytes;
		u32 length;
		bool flushes;
	} rows[] = {
		{SVM_EXIT_WRITE_CR + 0, INSN("\x0f\x22\xc0"), true},
		{SVM_EXIT_WRITE_CR + 3, INSN("\x0f\x22\xd8"), true},
		{SVM_EXIT_WRITE_CR + 4, INSN("\x0f\x22\xe0"), true},
		{SVM_EXIT_INVLPG, INSN("\x0f\x01\x3f"), true},
		{SVM_EXIT_WRITE_CR + 2, INSN("\x0f\x22\xd0"), false},
		{SVM_EXIT_WRITE_CR + 8, INSN("\x44\x0f\x22\xc0"), false},
		{SVM_EXIT_READ_CR + 3, INSN("\x0f\x20\xd8"), false},
		{SVM_EXIT_CPUID, INSN("\x0f\xa2"), false},
	};
	char why[HV_WHY];

	(void)state;
	for (u32 kind = 0; kind < 3; kind++) {
		u8 usual = kind == 2 ? VMCB_TLB_ALL : VMCB_TLB_NOTHING;
		u8 flush = kind == 1 ? VMCB_TLB_ASID : VMCB_TLB_ALL;

		vm_make(kind == 1 ? SVM_FEATURE_FLUSH_ASID : 0,
			(struct hv_config){.no_vpid = kind == 2});
		for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			act_of(rows[i].code, rows[i].bytes, rows[i].length);
			act(SVM_EXIT_CPUID, "\x0f\xa2");
			assert_int_equal(batch(rows[i].code), 0);
			assert_int_equal(fake.entry[0].tlb, i ? usual : flush);
			assert_int_equal(fake.entry[1].tlb, rows[i].flushes ? flush : usual);
			assert_int_equal(fake.entry[2].tlb, usual);
		}
		assert_int_equal(hv_pages(hv_vcpu(vm, 0), HV_PAGES_ABSENT, why), 0);
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
		assert_int_equal(fake.entry[0].tlb, flush);
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
		assert_int_equal(fake.entry[0].tlb, usual);
		vm_end();
	}
}

static bool intercepted(const struct entry *entry, u32 code)
{
	return entry->intercept[code / 32] >> code % 32 & 1;
}

/* The expected exit is intercepted, but not in the next batch; selective intercepts replace general
 * ones. */
static void test_intercepts(void **state)
{
	/* CRs, DRs, exceptions, 60h to 7Fh, 80h to 9Fh, A0h to BFh */
	static const u32 always[VMCB_INTERCEPTS] = {0x01190100, 0x00800000, 0x00040000,
						    0xbfc4800b, 0x00002e7f, 0};

	(void)state;
	vm_make(0, (struct hv_config){0});
	assert_int_equal(batch(SVM_EXIT_NPF), 0);
	assert_memory_equal(fake.entry[0].intercept, always, sizeof(always));
	assert_int_equal(batch(SVM_EXIT_RDTSC), 0);
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_RDTSC));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_VMRUN));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_INTR));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_HLT));
	assert_int_equal(batch(SVM_EXIT_CR0_SEL_WRITE), 0);
	assert_false(intercepted(&fake.entry[0], SVM_EXIT_RDTSC));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_CR0_SEL_WRITE));
	assert_false(intercepted(&fake.entry[0], SVM_EXIT_WRITE_CR + 0));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_WRITE_CR + 3));
	assert_int_equal(batch(SVM_EXIT_MWAIT_CONDITIONAL), 0);
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_MWAIT_CONDITIONAL));
	assert_false(intercepted(&fake.entry[0], SVM_EXIT_MWAIT));
	assert_false(intercepted(&fake.entry[0], SVM_EXIT_MONITOR));
	assert_int_equal(batch(SVM_EXIT_IDLE_HLT), 0);
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_WRITE_CR + 0));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_IDLE_HLT));
	assert_false(intercepted(&fake.entry[0], SVM_EXIT_HLT));
	assert_int_equal(hv_enable(vm, HV_FEATURE_EXCEPTION_EXIT + 6, unexpected.why), 0);
	assert_int_equal(batch(SVM_EXIT_NPF), 0); /* no bit for it */
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_EXCEPTION + 6));
	assert_true(intercepted(&fake.entry[0], SVM_EXIT_HLT));
	assert_false(intercepted(&fake.entry[0], SVM_EXIT_IDLE_HLT));
	vm_end();
}

/* An entry that is to fail is repaired; one that is not says which rule it broke. */
static void test_invalid(void **state)
{
	(void)state;
	vm_make(SVM_FEATURE_CLEAN | SVM_FEATURE_NRIP, (struct hv_config){0});
	assert_int_equal(hv_enable(vm, HV_FEATURE_ARM_BAD_STATE, unexpected.why), 0);
	act(SVM_EXIT_VMMCALL, "\x0f\x01\xd9");
	event(~0ULL);
	assert_int_equal(batch((u32)SVM_EXIT_INVALID), 0);
	assert_int_equal(vcpu->vmcb->control.asid, 1);
	assert_int_equal(fake.entry[2].clean, 0);
	vcpu->vmcb->save.efer = 0;
	vcpu->vmcb->control.clean = 0;
	event(0xffffffff); /* as TCG has it */
	assert_int_equal(batch(SVM_EXIT_CPUID), -EPROTO);
	assert_non_null(strstr(unexpected.why, "EFER.SVME is zero (APM Vol. 2, 15.5.1)"));
	vm_end();
}

/* An exit without a handler, and fewer exits than expected. */
static void test_unexpected(void **state)
{
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = SVM_EXIT_CPUID, .count = 2};

	(void)state;
	vm_make(SVM_FEATURE_NRIP, (struct hv_config){0});
	event(SVM_EXIT_SMI);
	assert_int_equal(batch(SVM_EXIT_CPUID), -EPROTO);
	assert_non_null(strstr(unexpected.why, "unexpected #VMEXIT 0x62 (physical SMI)"));
	event(0x404);
	assert_int_equal(batch(SVM_EXIT_CPUID), -EPROTO);
	assert_non_null(strstr(unexpected.why, "#VMEXIT 0x404 (reserved)"));
	act(SVM_EXIT_CPUID, "\x0f\xa2");
	vcpu->vmcb->save.rip = CODE;
	assert_int_equal(hv_run(hv_vcpu(vm, 0), &loop, &unexpected), -EBADE);
	assert_int_equal(unexpected.qualification, 1);
	hv_kick(hv_vcpu(vm, 0));
	fake.acts = 0;
	act(SVM_EXIT_HLT, "\xf4");
	assert_int_equal(batch(SVM_EXIT_CPUID), -EINTR);
	vm_end();
}

static int fast_batch(u64 code)
{
	struct hv_loop loop = {.path = HV_PATH_FAST, .raw_reason = code, .stamped = true};
	int err;

	fake.entries = 0;
	vcpu->vmcb->save.rip = CODE;
	hv_shared(hv_vcpu(vm, 0))->loop = 0x123;
	err = hv_run(hv_vcpu(vm, 0), &loop, &unexpected);
	fake.acts = 0;
	return err;
}

/* Fast after a batch that left at one place; not where there were two, nor with a shadow. */
static void test_fast_is_learned(void **state)
{
	(void)state;
	for (u32 kind = 0; kind < 3; kind++) {
		vm_make(SVM_FEATURE_NRIP, (struct hv_config){0});
		act(SVM_EXIT_HLT, "\xf4")->rip = CODE;
		act(SVM_EXIT_HLT, "\xf4")->rip = kind == 1 ? CODE + 9 : CODE;
		if (kind == 2)
			vcpu->vmcb->control.interrupt_shadow = 1;
		assert_int_equal(fast_batch(SVM_EXIT_HLT), 0);
		assert_false(fake.entry[0].fast);
		assert_int_equal(fast_batch(SVM_EXIT_HLT), 0);
		assert_int_equal(fake.entry[0].fast, kind == 0);
		if (kind == 0) {
			assert_int_equal(fake.entry[0].next_rip, CODE + 1);
			assert_int_equal(vcpu->frame.variant,
					 SVM_VARIANT_FAST | SVM_VARIANT_EACH | SVM_VARIANT_STAMPED);
		}
		assert_int_equal(fast_batch(SVM_EXIT_CPUID), 0); /* another reason */
		assert_false(fake.entry[0].fast);
		for (u32 i = 0; i < 2; i++) { /* one place, but the host has to do something */
			act(SVM_EXIT_PUSHF, "\x9c");
			assert_int_equal(fast_batch(SVM_EXIT_PUSHF), 0);
			assert_false(fake.entry[0].fast);
		}
		vm_end();
	}
}

static void test_variants(void **state)
{
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = SVM_EXIT_CPUID};

	(void)state;
	for (u32 i = 0; i < 4; i++) {
		static const u32 variant[] = {SVM_VARIANT_EACH,
					      SVM_VARIANT_EACH | SVM_VARIANT_STAMPED, 0,
					      SVM_VARIANT_STAMPED};

		vm_make(0, (struct hv_config){.vmload_batch = i & 2});
		loop.stamped = i & 1;
		assert_int_equal(hv_run(hv_vcpu(vm, 0), &loop, &unexpected), 0);
		assert_int_equal(vcpu->frame.variant, variant[i]);
		assert_int_equal(vcpu->frame.vmload_each, !(i & 2));
		vm_end();
	}
}

/* Each vCPU has its own ASID; DR7 is what it was; the VMCB names the VM's tables. */
static void test_vmcb(void **state)
{
	const struct vmcb *vmcb;

	(void)state;
	vm_make(0, (struct hv_config){0});
	fake.dr6 = 0xffff4ff0;
	fake.dr7 = 0x455;
	vmcb = vcpu->vmcb;
	assert_int_equal(batch(SVM_EXIT_CPUID), 0);
	assert_int_equal(fake.dr6, 0xffff4ff0);
	assert_int_equal(fake.dr7, 0x455);
	assert_int_equal(vmcb->control.asid, 1);
	assert_int_equal(((struct svm_vcpu *)hv_vcpu(vm, 1)->priv)->vmcb->control.asid, 2);
	assert_int_equal(vmcb->control.virtual_interrupt, VMCB_V_INTR_MASKING);
	assert_int_equal(vmcb->control.nested_paging, 1);
	assert_true(vmcb->control.nested_cr3 == host_physical(vcpu->vm->slat.tables.area));
	assert_true(vmcb->control.iopm_base == host_physical(vcpu->vm->io_map));
	assert_true(vmcb->control.msrpm_base == host_physical(vcpu->vm->msr_map));
	assert_int_equal(vcpu->vm->io_map[0x2fff], 0xff);
	assert_int_equal(vcpu->vm->msr_map[0x1fff], 0xff);
	assert_true(vmcb->save.efer & EFER_SVME);
	assert_int_equal(vmcb->save.cpl, 0);
	assert_int_equal(vmcb->save.cs.rights, 0xa9b);
	vm_end();
	vm_make(0, (struct hv_config){.cpl = 3});
	assert_int_equal(vcpu->vmcb->save.cpl, 3);
	vm_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_bits),
		cmocka_unit_test(test_change_of_cpu),
		cmocka_unit_test(test_flushes),
		cmocka_unit_test(test_intercepts),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_unexpected),
		cmocka_unit_test(test_fast_is_learned),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_vmcb),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
