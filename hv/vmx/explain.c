// SPDX-License-Identifier: GPL-2.0-or-later
/* Error messages from the current VMCS. */
#include "explain.h"

#include "../host.h"
#include "check.h"
#include "cpu.h"
#include "intrin.h"

static u64 read_current(void *arg, u32 field)
{
	size_t value = 0;

	(void)arg;
	__vmx_vmread(field, &value); /* 0 if this CPU does not have the field */
	return value;
}

/* Appends the first of the SDM's checks that the VMCS fails. */
static void explain_entry(const struct vmx_vcpu *vcpu, char *why, size_t size)
{
	struct vmx_check check = {.read = read_current, .can = &vcpu->vm->capabilities};
	size_t used = __builtin_strlen(why);
	enum vmx_check_area area;
	u32 leaf[4];

	cpu_cpuid(0x80000008, 0, leaf);
	check.physical_bits = leaf[0] & 0xff;
	check.linear_bits = leaf[0] >> 8 & 0xff;
	area = vmx_check(&check);

	if (area == VMX_CHECK_NOTHING)
		host_format(why + used, size - used, "; no field breaks a rule that is checked");
	else
		host_format(why + used, size - used, "; %s: %s is 0x%llx, %s",
			    vmx_check_area_name(area), vmcs_field_name(check.field),
			    (unsigned long long)check.value, check.rule);
}

static void explain_exit(struct vmx_vcpu *vcpu, struct hv_exit *exit)
{
	u32 reason = exit->raw_reason;

	if (reason & VMX_EXIT_ENTRY_FAILURE) {
		host_format(exit->why, HV_WHY, "%s (reason 0x%x), exit qualification 0x%llx",
			    vmx_exit_name(reason), reason, (unsigned long long)exit->qualification);
		explain_entry(vcpu, exit->why, HV_WHY);
		return;
	}
	host_format(exit->why, HV_WHY,
		    "unexpected VM exit %u (%s) at rip 0x%llx, exit qualification "
		    "0x%llx, guest-physical 0x%llx, interruption information 0x%llx, operation %u",
		    reason, vmx_exit_name(reason), (unsigned long long)exit->rip,
		    (unsigned long long)exit->qualification,
		    (unsigned long long)vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS),
		    (unsigned long long)vmcs_read(VMCS_EXIT_INTERRUPTION_INFO),
		    *vcpu->frame.batch.index);
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
		explain_entry(vcpu, exit->why, HV_WHY);
		return -EPROTO;
	}
	exit->raw_reason = vmcs_read(VMCS_EXIT_REASON);
	exit->kind = vmx_exit_kind(exit->raw_reason);
	exit->qualification = vmcs_read(VMCS_EXIT_QUALIFICATION);
	explain_exit(vcpu, exit);
	return -EPROTO;
}
