// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include "check_areas.h"

enum vmx_check_area vmx_check(struct vmx_check *check)
{
	if (vmx_check_controls(check))
		return VMX_CHECK_CONTROLS;
	if (vmx_check_host(check))
		return VMX_CHECK_HOST;
	if (vmx_check_guest(check))
		return VMX_CHECK_GUEST;
	return VMX_CHECK_NOTHING;
}

const char *vmx_check_area_name(enum vmx_check_area area)
{
	static const char *const names[] = {
		[VMX_CHECK_NOTHING] = "nothing known",
		[VMX_CHECK_CONTROLS] = "controls",
		[VMX_CHECK_HOST] = "host state",
		[VMX_CHECK_GUEST] = "guest state",
	};

	return names[area];
}
