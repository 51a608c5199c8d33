// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of the checks, and those of the host's state. */
#include "check_private.h"

#define EFER_RESERVED (~(1ULL << 0 | EFER_LME | EFER_LMA | 1ULL << 11))

u32 vmx_control_field(enum vmx_group group)
{
	static const u32 field[VMX_GROUPS] = {
		[VMX_PIN] = VMCS_PIN_CONTROLS,
		[VMX_PROCESSOR] = VMCS_PROCESSOR_CONTROLS,
		[VMX_SECONDARY] = VMCS_SECONDARY_PROCESSOR_CONTROLS,
		[VMX_TERTIARY] = VMCS_TERTIARY_PROCESSOR_CONTROLS,
		[VMX_EXIT] = VMCS_EXIT_CONTROLS,
		[VMX_ENTRY] = VMCS_ENTRY_CONTROLS,
	};

	return field[group];
}

bool vmx_control_on(const struct vmx_check *check, enum vmx_group group, u32 bit)
{
	if (group == VMX_SECONDARY &&
	    !vmx_control_on(check, VMX_PROCESSOR, VMX_PROCESSOR_SECONDARY_CONTROLS))
		return false;
	if (group == VMX_TERTIARY &&
	    !vmx_control_on(check, VMX_PROCESSOR, VMX_PROCESSOR_TERTIARY_CONTROLS))
		return false;
	return vmx_check_get(check, vmx_control_field(group)) & bit;
}

bool vmx_pat_valid(u64 pat)
{
	for (u32 i = 0; i < 8; i++, pat >>= 8)
		if ((pat & 0xff) > 7 || (pat & 0xff) == 2 || (pat & 0xff) == 3)
			return false;
	return true;
}

bool vmx_efer_valid(u64 efer)
{
	return !(efer & EFER_RESERVED);
}

/* Vol. 3, "Checks on Host Control Registers, MSRs, and SSP" and the two sections after it. */
static bool host_state(struct vmx_check *check)
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
	/* By the paging that the exit leads to. */
	RULE(VMCS_HOST_RIP,
	     vmx_canonical_by(vmx_check_get(check, VMCS_HOST_RIP),
			      vmx_check_get(check, VMCS_HOST_CR4) & CR4_LA57 ? 57 : 48),
	     "must be a canonical address");
	return false;
}

enum vmx_check_area vmx_check(struct vmx_check *check)
{
	if (vmx_check_controls(check))
		return VMX_CHECK_CONTROLS;
	if (host_state(check))
		return VMX_CHECK_HOST;
	if (vmx_check_guest(check))
		return VMX_CHECK_GUEST;
	return VMX_CHECK_NOTHING;
}

const char *vmx_check_area_name(enum vmx_check_area area)
{
	static const char *const names[] = {
		[VMX_CHECK_NOTHING] = "nothing that is known",
		[VMX_CHECK_CONTROLS] = "controls",
		[VMX_CHECK_HOST] = "host state",
		[VMX_CHECK_GUEST] = "guest state",
	};

	return names[area];
}
