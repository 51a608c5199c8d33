/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMX capabilities and the controls made of them. Pure: what the CPU can do comes in as numbers,
 * so that any CPU's can be tried on any machine.
 */
#ifndef HV_VMX_CONTROLS_H
#define HV_VMX_CONTROLS_H

#include "../../trace/types.h"

enum vmx_group {
	VMX_PIN,
	VMX_PROCESSOR,
	VMX_SECONDARY,
	VMX_TERTIARY, /* 64 bits, and all of them may be 0 */
	VMX_EXIT,
	VMX_ENTRY,
	VMX_GROUPS
};

/* VMX_<GROUP>_<NAME>: the control's bit within its group. */
#define CONTROL(group, bit, NAME, text) static const u32 VMX_##group##_##NAME = 1U << (bit);
#include "controls.def"

/* IA32_VMX_* as the CPU reports them (SDM Vol. 3, appendix "VMX Capability Reporting Facility"). */
struct vmx_capabilities {
	u64 basic, misc;
	u64 group[VMX_GROUPS]; /* low half: must be 1; high half: may be 1. TERTIARY: may be 1 */
	u64 cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	u64 ept_vpid, vmfunc;
};

/* Controls by group, as they go into the VMCS. */
struct vmx_controls {
	u64 value[VMX_GROUPS];
};

/* What somebody would like to have. */
struct vmx_requested_controls {
	u64 required[VMX_GROUPS];
	u64 optional[VMX_GROUPS]; /* set where the CPU can */
};

/* For a VM that has no feature beyond the usual. */
void vmx_default_controls(struct vmx_requested_controls *requested);

/*
 * Controls for a wish: required, what of the optional the CPU has, and what it insists on. Bits
 * that nobody asked for stay 0 where they may. -EOPNOTSUPP: `why` names every one that is missing.
 */
int vmx_controls_fit(const struct vmx_capabilities *capabilities,
		     const struct vmx_requested_controls *requested, struct vmx_controls *controls,
		     char *why);

/* One entry for each bit that has a name, and of each group those without. How many. */
struct hv_control;
u32 vmx_controls_list(const struct vmx_controls *controls, struct hv_control *list);

/* The manual's name of a control, and its group's; NULL: a bit without a name. */
const char *vmx_control_name(enum vmx_group group, u32 bit);
const char *vmx_group_name(enum vmx_group group);

#endif
