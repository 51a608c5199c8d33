// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of a VM's features. The expected exit is intercepted anyway (batch.c), so many need
 * only the check that the CPU has them. "Arming" sets up an exit that no guest instruction causes,
 * after each VMMCALL of the guest.
 */
#include "feature.h"

#include "../host.h"
#include "avic.h"
#include "cpu.h"
#include "setup.h"

#define VIRTUAL_VECTOR 0x41
#define PAUSES	       33 /* without an exit: the storm executes 34 */

#define APIC_BASE_ADDRESS 0xffffffffff000ULL
#define APIC_BASE_X2APIC  (1 << 10)
#define APIC_BASE_ENABLED (1 << 11)

/*
 * VINTR exits when the guest can take the virtual interrupt: at once if it has interrupts enabled.
 */
static void arm_virtual_interrupt(struct svm_vcpu *vcpu)
{
	vcpu->vmcb->control.virtual_interrupt |= VMCB_V_IRQ | VMCB_V_PRIORITY(15) |
						 VMCB_V_IGNORE_TPR | VMCB_V_VECTOR(VIRTUAL_VECTOR);
	vmcb_changed(vcpu, VMCB_CLEAN_INTERRUPT);
}

static void arm_interrupt(struct svm_vcpu *vcpu)
{
	(void)vcpu;
	host_interrupt_self(); /* GIF is 0: pending until VMRUN */
}

/* ASID 0 is invalid in VMRUN (APM Vol. 2, "Canonicalization and Consistency Checks"). */
static void arm_bad_state(struct svm_vcpu *vcpu)
{
	vcpu->broken = true;
	vmcb_copy(vcpu->saved, vcpu->vmcb);
	vcpu->vmcb->control.asid = 0;
	vmcb_changed(vcpu, VMCB_CLEAN_ASID);
}

/*
 * One free entry: of two pages that the guest dirties, the second finds the log full (APM Vol. 2,
 * "Page-Modification Logging"). The handler empties it.
 */
static void arm_page_log(struct svm_vcpu *vcpu)
{
	vcpu->vmcb->control.pml_index = 0;
	vmcb_changed(vcpu, VMCB_CLEAN_ALL); /* no clean bit is documented for it */
}

static void load_page_log(struct svm_vcpu *vcpu)
{
	struct vmcb_control *control = &vcpu->vmcb->control;

	control->nested_paging |= VMCB_PAGE_LOG;
	control->pml_base = host_physical(vcpu->vm->page_log);
	control->pml_index = VMCB_PAGE_LOG_EMPTY;
	vmcb_changed(vcpu, VMCB_CLEAN_ALL);
}

static int prepare_page_log(struct hv_vm *vm, char *why)
{
	struct svm_vm *svm = vm->priv;

	if (!(svm->can.more_features & SVM_MORE_PAGE_LOG)) {
		host_format(why, HV_WHY,
			    "this CPU's SVM has no page-modification logging (CPUID Fn8000_000A "
			    "ECX[4] is 0)");
		return -EOPNOTSUPP;
	}
	svm->page_log = host_pages_alloc(SVM_PAGE_LOG_BYTES);
	if (svm->page_log)
		return 0;
	host_format(why, HV_WHY, "not enough memory for the log of page modifications");
	return -ENOMEM;
}

/* The guest's local APIC is the host's. An NMI stays pending over its #VMEXIT: the host gets it. */
static int prepare_host_apic(struct hv_vm *vm, char *why)
{
	struct svm_vm *svm = vm->priv;
	u64 base = cpu_rdmsr(MSR_APIC_BASE);

	if ((base & (APIC_BASE_ENABLED | APIC_BASE_X2APIC)) != APIC_BASE_ENABLED) {
		host_format(why, HV_WHY,
			    "the host's local APIC is not in xAPIC mode (APIC_BASE is 0x%llx)",
			    (unsigned long long)base);
		return -EOPNOTSUPP;
	}
	svm->apic = host_apic();
	if (!slat_device(&svm->slat, GUEST_APIC, base & APIC_BASE_ADDRESS))
		return 0;
	host_format(why, HV_WHY, "not enough memory to map the local APIC");
	return -ENOMEM;
}

/* Optional instructions, #UD in the guest where they are missing: CPUID Fn8000_0008 EBX. */
static int need_instruction(const char *name, u32 bit, char *why)
{
	u32 leaf[4];

	cpu_cpuid(0x80000008, 0, leaf);
	if (leaf[1] >> bit & 1)
		return 0;
	host_format(why, HV_WHY, "this CPU has no %s (CPUID Fn8000_0008 EBX[%u] is 0)", name, bit);
	return -EOPNOTSUPP;
}

static int prepare_rdpru(struct hv_vm *vm, char *why)
{
	(void)vm;
	return need_instruction("RDPRU", 4, why);
}

static int prepare_mcommit(struct hv_vm *vm, char *why)
{
	(void)vm;
	return need_instruction("MCOMMIT", 8, why);
}

static int prepare_invlpgb(struct hv_vm *vm, char *why)
{
	(void)vm;
	return need_instruction("INVLPGB and TLBSYNC", 3, why);
}

static void load_mcommit(struct svm_vcpu *vcpu)
{
	vcpu->vmcb->save.efer |= EFER_MCOMMIT; /* MCOMMIT is #UD without it */
	vmcb_changed(vcpu, VMCB_CLEAN_CR);
}

/* On CPUs with this VMCB bit, INVLPGB and TLBSYNC are #UD in a guest without it. */
static void load_invlpgb(struct svm_vcpu *vcpu)
{
	if (!(vcpu->vm->can.features & SVM_FEATURE_TLB_CONTROL))
		return;
	vcpu->vmcb->control.nested_paging |= VMCB_GUEST_INVLPGB;
	vmcb_changed(vcpu, VMCB_CLEAN_NESTED_PAGING);
}

static void load_pause_filter(struct svm_vcpu *vcpu)
{
	vcpu->vmcb->control.pause_filter_count = PAUSES;
	vcpu->vmcb->control.pause_filter_threshold = 0; /* no time limit between PAUSEs */
	vmcb_changed(vcpu, VMCB_CLEAN_INTERCEPTS);
}

static const struct svm_feature {
	enum hv_feature feature;
	u32 needs; /* bits of CPUID Fn8000_000A EDX */
	const char *name;
	void (*load)(struct svm_vcpu *vcpu); /* once per vCPU */
	void (*arm)(struct svm_vcpu *vcpu);
	int (*prepare)(struct hv_vm *vm,
		       char *why); /* checks and prepares anything else; 0, or -errno and why */
} features[] = {
	{.feature = HV_FEATURE_RDTSC_EXIT},
	{.feature = HV_FEATURE_ARM_INTERRUPT_WINDOW, .arm = arm_virtual_interrupt},
	{.feature = HV_FEATURE_ARM_INTERRUPT, .arm = arm_interrupt},
	{.feature = HV_FEATURE_ARM_BAD_STATE, .arm = arm_bad_state},
	{.feature = HV_FEATURE_ARM_DIRTY_LOG,
	 .load = load_page_log,
	 .arm = arm_page_log,
	 .prepare = prepare_page_log},
	{.feature = HV_FEATURE_HOST_APIC, .prepare = prepare_host_apic},
	{.feature = HV_FEATURE_PAUSE_LOOP,
	 .needs = SVM_FEATURE_PAUSE_FILTER,
	 .name = "PAUSE filter",
	 .load = load_pause_filter},
	{.feature = HV_FEATURE_BUS_LOCK,
	 .needs = SVM_FEATURE_BUS_LOCK,
	 .name = "bus lock threshold"},
	{.feature = HV_FEATURE_IDLE_HLT,
	 .needs = SVM_FEATURE_IDLE_HLT,
	 .name = "idle HLT intercept"},
	{.feature = HV_FEATURE_RDPRU, .prepare = prepare_rdpru},
	{.feature = HV_FEATURE_MCOMMIT, .load = load_mcommit, .prepare = prepare_mcommit},
	{.feature = HV_FEATURE_INVLPGB, .load = load_invlpgb, .prepare = prepare_invlpgb},
	{.feature = HV_FEATURE_AVIC,
	 .needs = SVM_FEATURE_AVIC,
	 .name = "AVIC",
	 .load = svm_avic_load,
	 .prepare = svm_avic_build},
	{.feature = HV_FEATURE_APIC_WRITE,
	 .needs = SVM_FEATURE_AVIC,
	 .name = "AVIC",
	 .load = svm_avic_load,
	 .prepare = svm_avic_build},
};

static const struct svm_feature *find(enum hv_feature feature)
{
	for (u32 i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].feature == feature)
			return &features[i];
	return NULL;
}

int svm_feature_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	const struct svm_feature *row = find(feature);
	struct svm_vm *svm = vm->priv;

	if (feature == HV_FEATURE_HYPERCALL_EXIT) /* every VMMCALL exits */
		return 0;
	if (feature >= HV_FEATURE_EXCEPTION_EXIT && feature < HV_FEATURE_EXCEPTION_EXIT + 32) {
		svm_intercept(svm->intercept,
			      SVM_EXIT_EXCEPTION + feature - HV_FEATURE_EXCEPTION_EXIT);
		return 0;
	}
	if (!row) {
		host_format(why, HV_WHY, "SVM has no such feature");
		return -EOPNOTSUPP;
	}
	if ((svm->can.features & row->needs) != row->needs) {
		host_format(
			why, HV_WHY,
			"this CPU's SVM has no %s (CPUID Fn8000_000A EDX is 0x%x, bits 0x%x are "
			"needed)",
			row->name, svm->can.features, row->needs);
		return -EOPNOTSUPP;
	}
	if (row->prepare) {
		int err = row->prepare(vm, why);

		if (err)
			return err;
	}
	for (u32 i = 0; row->load && i < vm->vcpus_created; i++)
		row->load(vm->vcpu[i].priv);
	svm->arm = row->arm;
	svm->interrupts = row->arm == arm_interrupt;
	return 0;
}
