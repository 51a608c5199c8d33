// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a VM can be told to have beyond the usual. For exits that nobody in the guest can make by an
 * instruction, what the guest's VMMCALL sets off ("arms"). Codes that are expected are intercepted
 * by themselves (svm.c): so many features need nothing but that they are there.
 */
#include "../host.h"
#include "cpu.h"
#include "svm.h"

#define VIRTUAL_VECTOR 0x41
#define PAUSES	       33 /* that do not exit: the storm makes 34 */

/* Taken as soon as the guest can: at once, if its interrupts are on. */
static void arm_virtual_interrupt(struct svm_vcpu *vcpu)
{
	vcpu->vmcb->control.virtual_interrupt |= VMCB_V_IRQ | VMCB_V_PRIORITY(15) |
						 VMCB_V_IGNORE_TPR | VMCB_V_VECTOR(VIRTUAL_VECTOR);
	vmcb_changed(vcpu, VMCB_CLEAN_INTERRUPT);
}

static void arm_interrupt(struct svm_vcpu *vcpu)
{
	(void)vcpu;
	host_interrupt_self(); /* GIF is 0: it waits for the guest */
}

/* APM Vol. 2, 15.5.1: an ASID of 0 is refused. */
static void arm_bad_state(struct svm_vcpu *vcpu)
{
	vcpu->broken = true;
	*vcpu->kept = *vcpu->vmcb;
	vcpu->vmcb->control.asid = 0;
	vmcb_changed(vcpu, VMCB_CLEAN_ASID);
}

static void load_pause_filter(struct svm_vcpu *vcpu)
{
	vcpu->vmcb->control.pause_filter_count = PAUSES;
	vcpu->vmcb->control.pause_filter_threshold = 0; /* however far apart they are */
	vmcb_changed(vcpu, VMCB_CLEAN_INTERCEPTS);
}

static const struct svm_feature {
	enum hv_feature feature;
	u32 needs; /* bits of CPUID Fn8000_000A EDX */
	const char *name;
	void (*load)(struct svm_vcpu *vcpu);
	void (*arm)(struct svm_vcpu *vcpu);
} features[] = {
	{HV_FEATURE_RDTSC_EXIT, 0, "", NULL, NULL},
	{HV_FEATURE_ARM_INTERRUPT_WINDOW, 0, "", NULL, arm_virtual_interrupt},
	{HV_FEATURE_ARM_INTERRUPT, 0, "", NULL, arm_interrupt},
	{HV_FEATURE_ARM_BAD_STATE, 0, "", NULL, arm_bad_state},
	{HV_FEATURE_PAUSE_LOOP, SVM_FEATURE_PAUSE_FILTER, "PAUSE filter", load_pause_filter, NULL},
	{HV_FEATURE_BUS_LOCK, SVM_FEATURE_BUS_LOCK, "bus lock threshold", NULL, NULL},
	{HV_FEATURE_IDLE_HLT, SVM_FEATURE_IDLE_HLT, "idle HLT intercept", NULL, NULL},
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

	if (feature == HV_FEATURE_HYPERCALL_EXIT) /* every VMMCALL does */
		return 0;
	if (feature >= HV_FEATURE_EXCEPTION_EXIT && feature < HV_FEATURE_EXCEPTION_EXIT + 32) {
		svm_intercept(svm->intercept,
			      SVM_EXIT_EXCEPTION + feature - HV_FEATURE_EXCEPTION_EXIT);
		return 0;
	}
	if (!row) {
		host_format(why, HV_WHY, "SVM has no such thing");
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
	svm->load = row->load;
	svm->arm = row->arm;
	svm->interrupts = row->arm == arm_interrupt;
	return 0;
}

int svm_answer_virtual_interrupt(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);

	frame->vmcb->control.virtual_interrupt &= 0xff | VMCB_V_INTR_MASKING;
	vmcb_changed(vcpu, VMCB_CLEAN_INTERRUPT);
	return 0;
}

/*
 * The entry is repaired, if it was broken on purpose. What leaves next is no part of the record of
 * the failure: host_out of the entry that failed is to stay.
 */
int svm_answer_invalid(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);

	if (!vcpu->broken)
		return SVM_UNEXPECTED;
	vcpu->broken = false;
	*vcpu->vmcb = *vcpu->kept;
	vmcb_changed(vcpu, VMCB_CLEAN_ALL);
	frame->record = &frame->ring[frame->count % GUEST_RING_RECORDS];
	return 0;
}
