// SPDX-License-Identifier: GPL-2.0-or-later
/* Exit handlers of hv/svm for events and nested page faults, on a simulated CPU. */
#include "fake_svm.h"

/* An unmapped page is mapped again, and the event whose delivery faulted is injected again. */
static void test_nested_faults(void **state)
{
	char why[HV_WHY];
	struct act *exit;

	(void)state;
	vm_make(SVM_FEATURE_CLEAN, (struct hv_config){0});
	assert_int_equal(hv_pages(hv_vcpu(vm, 0), HV_PAGES_ABSENT, why), 0);
	assert_int_equal(leaf_of(GUEST_FILL + 0x3000) & 1, 0);
	event(SVM_EXIT_NPF)->info2 = GUEST_FILL + 0x3010;
	assert_int_equal(batch(SVM_EXIT_NPF), 0);
	assert_int_equal(leaf_of(GUEST_FILL + 0x3000) & 7, 7);
	assert_int_equal(fake.entry[1].rip, CODE);
	assert_int_equal(hv_pages(hv_vcpu(vm, 0), HV_PAGES_CLEAN, why), 0);
	assert_int_equal(leaf_of(GUEST_FILL) & 3, 1);
	exit = event(SVM_EXIT_NPF);
	exit->info2 = GUEST_FILL;
	exit->interrupt_info = EVENT(VMCB_EVENT_INTERRUPT, 0x41);
	act(SVM_EXIT_CPUID, "\x0f\xa2");
	assert_int_equal(batch(SVM_EXIT_NPF), 0);
	assert_int_equal(leaf_of(GUEST_FILL) & 3, 3);
	assert_int_equal(fake.entry[1].event, EVENT(VMCB_EVENT_INTERRUPT, 0x41));
	assert_int_equal(fake.entry[2].event, 0);
	*paging_leaf(&vcpu->vm->slat.tables, GUEST_FILL, &(u64){0}) |= 1 << 6;
	assert_int_equal(hv_pages(hv_vcpu(vm, 0), HV_PAGES_UNLOGGED, why), 0);
	assert_int_equal(leaf_of(GUEST_FILL) & 0x47, 7);
	act(SVM_EXIT_NPF, "\x89\x00")->info2 = GUEST_MMIO; /* a device: the store is skipped */
	assert_int_equal(batch(SVM_EXIT_NPF), 0);
	assert_int_equal(fake.entry[1].rip, CODE + 2);
	vm_end();
	vm_make(SVM_FEATURE_CLEAN, (struct hv_config){0});
	act(SVM_EXIT_NPF, "\x0f\xff")->info2 = GUEST_MMIO; /* not a known load or store */
	assert_int_equal(batch(SVM_EXIT_NPF), -EPROTO);
	vm_end();
}

/* The host handles interrupts and NMIs with its own TR, and the guest's is loaded again. */
static void test_interrupts(void **state)
{
	(void)state;
	for (u32 once = 0; once < 2; once++) {
		vm_make(SVM_FEATURE_NRIP, (struct hv_config){.vmload_batch = once});
		event(SVM_EXIT_INTR);
		event(SVM_EXIT_NMI);
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
		assert_int_equal(fake.gif_windows, 2);
		assert_int_equal(fake.vmsave_count, once ? 2 : 0);
		assert_int_equal(fake.vmload_count, once ? 4 : 0);
		if (once) {
			assert_true(fake.vmsaves[0] == host_physical(vcpu->vmcb));
			assert_true(fake.vmloads[0] == vcpu->frame.host);
			assert_true(fake.vmloads[1] == host_physical(vcpu->vmcb));
		}
		assert_int_equal(fake.entry[1].rip, CODE);
		assert_int_equal(vcpu->raw.interrupts, 2);
		assert_false(fake.nmi_taken); /* the host's, not the guest's */
		assert_true(hv_ring(hv_vcpu(vm, 0))[0].flags & RECORD_IRQ);
		assert_true(fake.apic[APIC_ICR_HIGH / 4] == 3U << 24); /* not the guest's */
		assert_int_equal(hv_enable(vm, HV_FEATURE_HOST_APIC, unexpected.why), 0);
		vcpu->vmcb->save.rax = 0;
		event(SVM_EXIT_NMI);
		assert_int_equal(batch(SVM_EXIT_NMI), 0);
		assert_int_equal(vcpu->vmcb->save.rax, 1);
		assert_int_equal(vcpu->raw.interrupts,
				 2); /* the expected exit is not counted as an interrupt */
		assert_true(fake.nmi_taken && !fake.nmi_expected);
		vm_end();
	}
}

static void guest_sends(struct svm_frame *frame)
{
	(void)frame;
	fake.apic[APIC_ICR_HIGH / 4] = 7U << 24;
}

static void nmi_comes(struct svm_frame *frame)
{
	guest_sends(frame);
	fake.nmis_pending = 1;
}

/*
 * Interrupts in a guest that has the host's APIC: the destination of its next NMI stays, and an NMI
 * that the host's handlers get is not waited for.
 */
static void test_host_apic(void **state)
{
	(void)state;
	for (u32 once = 0; once < 2; once++) {
		vm_make(SVM_FEATURE_NRIP, (struct hv_config){.vmload_batch = once});
		assert_int_equal(hv_enable(vm, HV_FEATURE_HOST_APIC, unexpected.why), 0);
		vcpu->vmcb->save.rax = 0;
		event(SVM_EXIT_INTR)->before = guest_sends;
		assert_int_equal(batch(SVM_EXIT_NMI), 0);
		assert_true(fake.apic[APIC_ICR_HIGH / 4] == 7U << 24);
		assert_int_equal(vcpu->vmcb->save.rax, 0);
		assert_int_equal(vcpu->raw.expected, 0);
		event(SVM_EXIT_INTR)->before = nmi_comes;
		assert_int_equal(batch(SVM_EXIT_NMI), 0);
		assert_true(fake.nmi_taken && !fake.nmi_expected);
		assert_int_equal(vcpu->vmcb->save.rax, 1);
		assert_int_equal(vcpu->raw.expected, 1);
		assert_true(hv_ring(hv_vcpu(vm, 0))[0].flags & RECORD_IRQ);
		event(SVM_EXIT_NMI)->before = nmi_comes; /* an interrupt may come with it */
		assert_int_equal(batch(SVM_EXIT_NMI), 0);
		assert_true(fake.apic[APIC_ICR_HIGH / 4] == 7U << 24);
		assert_int_equal(vcpu->raw.expected, 2);
		vm_end();
	}
}

static void own_comes(struct svm_frame *frame)
{
	(void)frame;
	fake.interrupts_pending = 1;
}

static void kick(struct svm_frame *frame)
{
	svm_vcpu_of(frame)->raw.kicked = true;
}

/* A storm of interrupts counts its own; those of the host flag the record. */
static void test_own_interrupts(void **state)
{
	static const u64 codes[] = {SVM_EXIT_INTR, SVM_EXIT_NMI};
	u64 before;

	(void)state;
	vm_make(SVM_FEATURE_NRIP, (struct hv_config){0});
	event(SVM_EXIT_INTR)->before = own_comes;
	assert_int_equal(batch(SVM_EXIT_INTR), 0);
	assert_int_equal(vcpu->raw.expected, 1);
	assert_int_equal(vcpu->raw.interrupts, 0);
	before = vcpu->raw.exits;
	event(SVM_EXIT_INTR);
	event(SVM_EXIT_INTR)->before = own_comes;
	event(SVM_EXIT_INTR);
	assert_int_equal(batch(SVM_EXIT_INTR), 0);
	assert_int_equal(vcpu->raw.expected, 2);
	assert_int_equal(vcpu->raw.interrupts, 2);
	assert_int_equal(vcpu->raw.exits - before, 4); /* with the one that ends the batch */
	assert_true(hv_ring(hv_vcpu(vm, 0))[0].flags & RECORD_IRQ);
	/* hv_kick ends a batch, also where the storm expects these events. */
	for (u32 i = 0; i < 2; i++) {
		event(codes[i])->before = kick;
		event(codes[i]);
		assert_int_equal(batch(codes[i]), -EINTR);
		assert_int_equal(fake.entries, 1);
	}
	vm_end();
}

/* VMMCALL arms a virtual interrupt, its exit removes it; V_INTR_MASKING stays on. */
static void test_virtual_interrupt(void **state)
{
	u64 armed;

	(void)state;
	vm_make(SVM_FEATURE_CLEAN | SVM_FEATURE_NRIP, (struct hv_config){0});
	assert_int_equal(hv_enable(vm, HV_FEATURE_ARM_INTERRUPT_WINDOW, unexpected.why), 0);
	act(SVM_EXIT_VMMCALL, "\x0f\x01\xd9");
	assert_int_equal(batch(SVM_EXIT_VINTR), 0);
	armed = vcpu->vmcb->control.virtual_interrupt;
	assert_true(armed & VMCB_V_IRQ && armed & VMCB_V_INTR_MASKING && armed >> 32 == 0x41);
	event(SVM_EXIT_VINTR);
	assert_int_equal(batch(SVM_EXIT_VINTR), 0);
	assert_int_equal(vcpu->vmcb->control.virtual_interrupt, VMCB_V_INTR_MASKING);
	vm_end();
}

/* Whatever exits: nothing of the host's runs with the guest's GS (host_called). */
static void test_host_state(void **state)
{
	static const enum hv_feature armed[] = {HV_FEATURE_HYPERCALL_EXIT, HV_FEATURE_ARM_INTERRUPT,
						HV_FEATURE_ARM_INTERRUPT_WINDOW,
						HV_FEATURE_ARM_BAD_STATE, HV_FEATURE_ARM_DIRTY_LOG};
	u32 calls[2] = {0};

	(void)state;
	for (u32 i = 0; i < 2 * sizeof(armed) / sizeof(armed[0]); i++) {
		bool once = i % 2;

		vm_make(SVM_FEATURE_NRIP, (struct hv_config){.vmload_batch = once});
		vcpu->vm->can.more_features = SVM_MORE_PAGE_LOG;
		assert_int_equal(hv_enable(vm, armed[i / 2], unexpected.why), 0);
		fake.calls_of_host = 0;
		for (u64 code = 0; code <= SVM_EXIT_PML_FULL + 1; code++) {
			act(SVM_EXIT_VMMCALL, "\x0f\x01\xd9");
			event(SVM_EXIT_NMI);
			event(SVM_EXIT_INTR);
			act(code, "\x0f\xa2");
			batch(code % 3 ? SVM_EXIT_CPUID : code); /* errors, too, for some */
		}
		calls[once] += fake.calls_of_host;
		vm_end();
	}
	assert_true(calls[0] > 1000); /* the switch alone costs no call */
	assert_int_equal(calls[0], calls[1]);
}

static void set_pending(struct svm_frame *frame)
{
	(void)frame;
	fake.machine_check = true;
}

/* The machine check comes to the host, which ends the batch: reported by the exit, or pending. */
static void machine_check_ends(u64 expected)
{
	u32 before = fake.machine_checks;

	assert_int_equal(batch(expected), -EHWPOISON);
	assert_non_null(strstr(unexpected.why, "machine check"));
	assert_int_equal(fake.machine_checks, before + 1);
	for (u32 i = 0; i < fake.entries; i++)
		assert_true(fake.entry[i].intercept[SVM_EXIT_MACHINE_CHECK / 32] &
			    VMCB_INTERCEPT_BIT(SVM_EXIT_MACHINE_CHECK));
}

static void test_machine_checks(void **state)
{
	const u64 fault = (u64)GUEST_PORT_FAULT << 16 | 1 << 4;
	struct act *exit;

	(void)state;
	for (u32 once = 0; once < 2; once++) {
		vm_make(SVM_FEATURE_NRIP, (struct hv_config){.vmload_batch = once});
		act(SVM_EXIT_CPUID, "\x0f\xa2");
		event(SVM_EXIT_MACHINE_CHECK);
		machine_check_ends(SVM_EXIT_CPUID);
		event(SVM_EXIT_MACHINE_CHECK);
		machine_check_ends(SVM_EXIT_EXCEPTION + 3);
		exit = event(SVM_EXIT_IOIO); /* delivered by the guest's IDT, and reported by it */
		exit->info1 = fault;
		exit->before = set_pending;
		machine_check_ends(SVM_EXIT_CPUID);
		event(SVM_EXIT_SMI)->before = set_pending; /* beside an exit without a handler */
		machine_check_ends(SVM_EXIT_CPUID);
		event(SVM_EXIT_IOIO)->info1 = fault; /* another exception of the guest */
		assert_int_equal(batch(SVM_EXIT_CPUID), -EPROTO);
		assert_null(strstr(unexpected.why, "machine check"));
		assert_int_equal(batch(SVM_EXIT_CPUID), 0);
		vm_end();
	}
}

/* The host's CR4.MCE is the guest's, from its start on and whatever it writes. */
static void test_cr4_mce(void **state)
{
	struct act *exit;
	char why[HV_WHY];

	(void)state;
	for (u32 i = 0; i < 4; i++) {
		u64 mce = i < 2 ? CR4_MCE : 0;

		vm_make(i % 2 ? SVM_FEATURE_NRIP | SVM_FEATURE_DECODE_ASSISTS : 0,
			(struct hv_config){0});
		fake.cr4 = mce | 1 << 7;
		hv_svm.vcpu_destroy(hv_vcpu(vm, 0));
		assert_int_equal(hv_svm.vcpu_create(hv_vcpu(vm, 0), why), 0);
		vcpu = hv_vcpu(vm, 0)->priv;
		assert_int_equal(vcpu->vmcb->save.cr4 & (CR4_MCE | 1 << 5), mce | 1 << 5);
		vcpu->vmcb->save.rax = 0x20;
		exit = act(SVM_EXIT_WRITE_CR + 4, "\x0f\x22\xe0"); /* MOV RAX to CR4 */
		exit->info1 = 1ULL << 63;
		assert_int_equal(batch(SVM_EXIT_WRITE_CR + 4), 0);
		assert_int_equal(vcpu->vmcb->save.cr4, 0x20 | mce);
		vm_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nested_faults),	  cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_own_interrupts),	  cmocka_unit_test(test_host_state),
		cmocka_unit_test(test_machine_checks),	  cmocka_unit_test(test_cr4_mce),
		cmocka_unit_test(test_virtual_interrupt), cmocka_unit_test(test_host_apic),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
