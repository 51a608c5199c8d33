// SPDX-License-Identifier: GPL-2.0-or-later
/* Error messages from the VMCB. */
#include "explain.h"

#include "../host.h"
#include "check.h"

static void explain_entry(const struct svm_vcpu *vcpu, struct hv_exit *exit)
{
	struct svm_check check = {
		.physical_bits = vcpu->vm->can.physical_bits,
		.asids = vcpu->vm->can.asids,
	};

	if (exit->raw_reason != (u32)SVM_EXIT_INVALID)
		host_format(exit->why, HV_WHY, "VMRUN failed: %s (exit code 0x%llx)",
			    svm_exit_name(exit->raw_reason),
			    (unsigned long long)vcpu->vmcb->control.exit_code);
	else if (svm_check(vcpu->saved, &check) || svm_check(vcpu->vmcb, &check))
		host_format(
			exit->why, HV_WHY,
			"VMRUN refused the VMCB (VMEXIT_INVALID): %s is 0x%llx: %s (APM Vol. 2, "
			"15.5.1)",
			check.field, (unsigned long long)check.value, check.rule);
	else
		host_format(exit->why, HV_WHY,
			    "VMRUN refused the VMCB (VMEXIT_INVALID), which breaks no rule of APM "
			    "Vol. 2, 15.5.1 that is checked");
}

int svm_explain(struct svm_vcpu *vcpu, struct hv_exit *exit)
{
	const struct vmcb *vmcb = vcpu->vmcb;
	u32 code = vmcb->control.exit_code;

	*exit = (struct hv_exit){
		.kind = svm_exit_kind(code),
		.raw_reason = code,
		.qualification = vmcb->control.exit_info1,
		.rip = vmcb->save.rip,
	};
	if (exit->kind == EXIT_ENTRY_FAILED) {
		explain_entry(vcpu, exit);
		return -EPROTO;
	}
	host_format(exit->why, HV_WHY,
		    "unexpected #VMEXIT 0x%x (%s) at rip 0x%llx, EXITINFO1 0x%llx, "
		    "EXITINFO2 0x%llx, EXITINTINFO 0x%llx, operation %u",
		    code, svm_exit_name(code), (unsigned long long)exit->rip,
		    (unsigned long long)exit->qualification,
		    (unsigned long long)vmcb->control.exit_info2,
		    (unsigned long long)vmcb->control.exit_interrupt_info,
		    *vcpu->frame.batch.index);
	return -EPROTO;
}
