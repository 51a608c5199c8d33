// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 3, appendix "VMX Capability Reporting Facility". */
#include "capabilities.h"

#include "cpu.h"

/* For an MSR that exists only if the control it describes may be 1. */
static u64 read_if(bool exists, u32 msr)
{
	return exists ? cpu_rdmsr(msr) : 0;
}

void vmx_capabilities_read(struct vmx_capabilities *capabilities)
{
	u64 *group = capabilities->group;
	u64 processor, secondary;
	bool exact;

	capabilities->basic = cpu_rdmsr(MSR_VMX_BASIC);
	capabilities->misc = cpu_rdmsr(MSR_VMX_MISC);
	/* The TRUE_ MSRs report which default1 controls may be 0. */
	exact = capabilities->basic & BASIC_TRUE_CONTROLS;
	group[VMX_PIN] = cpu_rdmsr(exact ? MSR_VMX_TRUE_PIN : MSR_VMX_PIN);
	group[VMX_PROCESSOR] = cpu_rdmsr(exact ? MSR_VMX_TRUE_PROCESSOR : MSR_VMX_PROCESSOR);
	group[VMX_EXIT] = cpu_rdmsr(exact ? MSR_VMX_TRUE_EXIT : MSR_VMX_EXIT);
	group[VMX_ENTRY] = cpu_rdmsr(exact ? MSR_VMX_TRUE_ENTRY : MSR_VMX_ENTRY);
	processor = group[VMX_PROCESSOR] >> 32;
	group[VMX_SECONDARY] =
		read_if(processor & VMX_PROCESSOR_SECONDARY_CONTROLS, MSR_VMX_SECONDARY);
	group[VMX_TERTIARY] =
		read_if(processor & VMX_PROCESSOR_TERTIARY_CONTROLS, MSR_VMX_TERTIARY);
	secondary = group[VMX_SECONDARY] >> 32;
	capabilities->ept_vpid =
		read_if(secondary & (VMX_SECONDARY_EPT | VMX_SECONDARY_VPID), MSR_VMX_EPT_VPID);
	capabilities->vmfunc = read_if(secondary & VMX_SECONDARY_VM_FUNCTIONS, MSR_VMX_VMFUNC);
	capabilities->cr0_fixed0 = cpu_rdmsr(MSR_VMX_CR0_FIXED0);
	capabilities->cr0_fixed1 = cpu_rdmsr(MSR_VMX_CR0_FIXED1);
	capabilities->cr4_fixed0 = cpu_rdmsr(MSR_VMX_CR4_FIXED0);
	capabilities->cr4_fixed1 = cpu_rdmsr(MSR_VMX_CR4_FIXED1);
}
