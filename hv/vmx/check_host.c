// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 3, "Checks on Host Control Registers, MSRs, and SSP" and the two sections after
 * it. */
#include "check_areas.h"
#include "check_rules.h"

bool vmx_check_host(struct vmx_check *check)
{
	static const u32 selectors[] = {VMCS_HOST_ES_SELECTOR, VMCS_HOST_CS_SELECTOR,
					VMCS_HOST_SS_SELECTOR, VMCS_HOST_DS_SELECTOR,
					VMCS_HOST_FS_SELECTOR, VMCS_HOST_GS_SELECTOR,
					VMCS_HOST_TR_SELECTOR};
	static const u32 bases[] = {VMCS_HOST_FS_BASE,	   VMCS_HOST_GS_BASE,
				    VMCS_HOST_TR_BASE,	   VMCS_HOST_GDTR_BASE,
				    VMCS_HOST_IDTR_BASE,   VMCS_HOST_SYSENTER_ESP,
				    VMCS_HOST_SYSENTER_EIP};
	const struct vmx_capabilities *can = check->can;
	bool host64 = vmx_control_on(check, VMX_EXIT, VMX_EXIT_HOST_64);
	u64 efer = vmx_check_get(check, VMCS_HOST_EFER);

	RULE(VMCS_HOST_CR0,
	     vmx_fixed(vmx_check_get(check, VMCS_HOST_CR0), can->cr0_fixed0, can->cr0_fixed1),
	     "must be as IA32_VMX_CR0_FIXED0 and FIXED1 say");
	RULE(VMCS_HOST_CR4,
	     vmx_fixed(vmx_check_get(check, VMCS_HOST_CR4), can->cr4_fixed0, can->cr4_fixed1),
	     "must be as IA32_VMX_CR4_FIXED0 and FIXED1 say");
	RULE(VMCS_HOST_CR0,
	     !(vmx_check_get(check, VMCS_HOST_CR4) & CR4_CET) ||
		     vmx_check_get(check, VMCS_HOST_CR0) & CR0_WP,
	     "WP must be 1 while CR4.CET is");
	RULE(VMCS_HOST_CR3, vmx_cr3_valid(check, VMCS_HOST_CR3), "must be a physical address");
	if (vmx_control_on(check, VMX_EXIT, VMX_EXIT_LOAD_PAT))
		RULE(VMCS_HOST_PAT, vmx_pat_valid(vmx_check_get(check, VMCS_HOST_PAT)),
		     "each byte must be a memory type (0, 1, 4, 5, 6, 7)");
	if (vmx_control_on(check, VMX_EXIT, VMX_EXIT_LOAD_EFER)) {
		RULE(VMCS_HOST_EFER, vmx_efer_valid(efer), "reserved bits must be 0");
		RULE(VMCS_HOST_EFER, !!(efer & EFER_LMA) == host64 && !!(efer & EFER_LME) == host64,
		     "LMA and LME must be as \"host address-space size\" says");
	}
	if (vmx_control_on(check, VMX_EXIT, VMX_EXIT_LOAD_PKRS))
		RULE(VMCS_HOST_PKRS, !(vmx_check_get(check, VMCS_HOST_PKRS) >> 32),
		     "bits 63:32 must be 0");
	for (u32 i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
		RULE(selectors[i], !(vmx_check_get(check, selectors[i]) & 7),
		     "RPL and TI must be 0");
	RULE(VMCS_HOST_CS_SELECTOR, vmx_check_get(check, VMCS_HOST_CS_SELECTOR), "must not be 0");
	RULE(VMCS_HOST_TR_SELECTOR, vmx_check_get(check, VMCS_HOST_TR_SELECTOR), "must not be 0");
	RULE(VMCS_HOST_SS_SELECTOR, host64 || vmx_check_get(check, VMCS_HOST_SS_SELECTOR),
	     "must not be 0 for a host that is not in 64-bit mode");
	for (u32 i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		RULE(bases[i], vmx_canonical(check, vmx_check_get(check, bases[i])),
		     "must be a canonical address");
	RULE(VMCS_EXIT_CONTROLS, host64, "a host in 64-bit mode needs \"host address-space size\"");
	RULE(VMCS_HOST_CR4, vmx_check_get(check, VMCS_HOST_CR4) & CR4_PAE, "64-bit mode needs PAE");
	/* By CR4.LA57 after the exit, not by the CPU's maximum. */
	RULE(VMCS_HOST_RIP,
	     vmx_canonical_by(vmx_check_get(check, VMCS_HOST_RIP),
			      vmx_check_get(check, VMCS_HOST_CR4) & CR4_LA57 ? 57 : 48),
	     "must be a canonical address");
	return false;
}
