// SPDX-License-Identifier: GPL-2.0-or-later
/* Conditions on control bits, EFER and PAT that more than one area uses. */
#include "check_rules.h"

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
