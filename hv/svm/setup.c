// SPDX-License-Identifier: GPL-2.0-or-later
/* AMD APM Vol. 2, "VMRUN" and appendix B. */
#include "setup.h"

#include "../host.h"
#include "cpu.h"

#define PAT_AT_RESET 0x0007040600070406ULL /* APM Vol. 2, "PAT MSR" */
#define DR6_AT_RESET 0xffff0ff0
#define DR7_AT_RESET 0x400
#define ASID_FIRST   1 /* 0 is the host's */

/* The VMCB's attributes are bits 40-47 of a descriptor, then bits 52-55. */
static struct vmcb_segment segment(const struct hv_segment *from)
{
	u16 rights = (from->rights & 0xff) | (from->rights >> 4 & 0xf00);

	return (struct vmcb_segment){
		.selector = from->selector,
		.rights = from->rights & HV_SEGMENT_UNUSABLE ? 0 : rights,
		.limit = from->limit,
		.base = from->base,
	};
}

static void write_guest(struct vmcb_save *save, const struct hv_start *start)
{
	struct vmcb_segment *const segments[HV_SEGMENTS] = {
		[HV_ES] = &save->es,	 [HV_CS] = &save->cs, [HV_SS] = &save->ss,
		[HV_DS] = &save->ds,	 [HV_FS] = &save->fs, [HV_GS] = &save->gs,
		[HV_LDTR] = &save->ldtr, [HV_TR] = &save->tr,
	};

	for (u32 i = 0; i < HV_SEGMENTS; i++)
		*segments[i] = segment(&start->segment[i]);
	save->gdtr = (struct vmcb_segment){.limit = start->gdt_limit, .base = start->gdt_base};
	save->idtr = (struct vmcb_segment){.limit = start->idt_limit, .base = start->idt_base};
	save->cpl = start->segment[HV_SS].rights >> 5 & 3;
	save->efer = start->efer | EFER_SVME; /* required by VMRUN */
	save->cr0 = start->cr0;
	save->cr3 = start->cr3;
	save->cr4 = start->cr4;
	save->dr6 = DR6_AT_RESET;
	save->dr7 = DR7_AT_RESET;
	save->rflags = start->rflags;
	save->rip = start->rip;
	save->rsp = start->rsp;
	save->pat = PAT_AT_RESET;
	save->star = start->star;
	save->lstar = start->lstar;
	save->sfmask = start->sfmask;
}

void vmcb_setup(struct svm_vcpu *vcpu)
{
	struct svm_vm *vm = vcpu->vm;
	struct vmcb_control *control = &vcpu->vmcb->control;
	struct hv_start start;

	hv_start_state(vcpu->vcpu, &start);
	vcpu->cr4_required = cpu_read_cr4() & CR4_MCE;
	start.cr4 |= vcpu->cr4_required;
	write_guest(&vcpu->vmcb->save, &start);
	control->iopm_base = host_physical(vm->io_map);
	control->msrpm_base = host_physical(vm->msr_map);
	control->asid = ASID_FIRST + vcpu->vcpu->index;
	vmcb_changed(vcpu, VMCB_CLEAN_ASID);
	control->virtual_interrupt = VMCB_V_INTR_MASKING;
	control->nested_paging = VMCB_NESTED_PAGING;
	control->nested_cr3 = vm->nested_cr3;
	vcpu->frame.rdi = start.rdi;
}

void vmcb_copy(struct vmcb *to, const struct vmcb *from)
{
	__builtin_memcpy(&to->control, &from->control, offsetof(struct vmcb_control, reserved8));
	__builtin_memcpy(&to->save, &from->save, offsetof(struct vmcb_save, reserved6));
}

/*
 * Settings for one VMRUN are taken back in the exit after it. So that other exits do not have to
 * test for this, the frame expects a code that no exit has: the next exit, whatever it is, goes to
 * other_exit.
 */
static void one_shot_pending(struct svm_vcpu *vcpu)
{
	vcpu->frame.batch.raw_reason = SVM_ONE_SHOT;
}

void vmcb_one_shot_clear(struct svm_vcpu *vcpu)
{
	struct vmcb_control *control = &vcpu->vmcb->control;

	control->tlb_control = vcpu->tlb;
	control->event_injection = 0;
	control->clean = vcpu->vm->can.features & SVM_FEATURE_CLEAN ? VMCB_CLEAN_ALL : 0;
	vcpu->frame.batch.raw_reason = vcpu->raw_reason;
}

void vmcb_changed(struct svm_vcpu *vcpu, u32 clean_bits)
{
	vcpu->vmcb->control.clean &= ~clean_bits;
	one_shot_pending(vcpu);
}

void vmcb_flush(struct svm_vcpu *vcpu)
{
	bool can = vcpu->vm->can.features & SVM_FEATURE_FLUSH_ASID;

	vcpu->vmcb->control.tlb_control = can ? VMCB_TLB_ASID : VMCB_TLB_ALL;
	one_shot_pending(vcpu);
}

void vmcb_inject(struct svm_vcpu *vcpu, u64 event)
{
	vcpu->vmcb->control.event_injection = event;
	one_shot_pending(vcpu);
}
