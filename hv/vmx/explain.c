// SPDX-License-Identifier: GPL-2.0-or-later
/* In words why a batch ended before it was done. Reads the current VMCS. */
#include "../host.h"
#include "vmx.h"

static void explain_exit(struct vmx_vcpu *vcpu, struct hv_exit *exit)
{
	u32 reason = exit->raw_reason;

	if (reason & VMX_EXIT_ENTRY_FAILURE) {
		host_format(exit->why, HV_WHY,
			    "the VM entry failed: %s (reason 0x%x), exit qualification 0x%llx",
			    vmx_exit_name(reason), reason, (unsigned long long)exit->qualification);
		return;
	}
	host_format(exit->why, HV_WHY,
		    "VM exit %u (%s) that nobody expected, at rip 0x%llx, exit qualification "
		    "0x%llx, guest-physical 0x%llx, interruption information 0x%llx, operation %u",
		    reason, vmx_exit_name(reason), (unsigned long long)exit->rip,
		    (unsigned long long)exit->qualification,
		    (unsigned long long)vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS),
		    (unsigned long long)vmcs_read(VMCS_EXIT_INTERRUPTION_INFO), *vcpu->frame.index);
}

int vmx_explain(struct vmx_vcpu *vcpu, int end, struct hv_exit *exit)
{
	u32 error;

	*exit = (struct hv_exit){.kind = EXIT_ENTRY_FAILED, .raw_reason = ~0U};
	if (end == VMX_FAILED_INVALID) {
		host_format(exit->why, HV_WHY,
			    "the VM entry failed without a status: there is no current VMCS");
		return -EPROTO;
	}
	exit->rip = vmcs_read(VMCS_GUEST_RIP);
	if (end == VMX_FAILED_VALID) {
		error = vmcs_read(VMCS_VM_INSTRUCTION_ERROR);
		exit->qualification = error;
		host_format(exit->why, HV_WHY, "the VM entry failed: VM-instruction error %u, %s",
			    error, vmx_error_name(error));
		return -EPROTO;
	}
	exit->raw_reason = vmcs_read(VMCS_EXIT_REASON);
	exit->kind = vmx_exit_kind(exit->raw_reason);
	exit->qualification = vmcs_read(VMCS_EXIT_QUALIFICATION);
	explain_exit(vcpu, exit);
	return -EPROTO;
}
