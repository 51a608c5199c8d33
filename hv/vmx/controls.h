/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMX capabilities and the controls derived from them. Pure: the capabilities are given as numbers,
 * so any CPU's can be tested on any machine.
 */
#ifndef HV_VMX_CONTROLS_H
#define HV_VMX_CONTROLS_H

#include "../../trace/types.h"

enum vmx_group {
	VMX_PIN,
	VMX_PROCESSOR,
	VMX_SECONDARY,
	VMX_TERTIARY, /* 64 bits; each may be 0 */
	VMX_EXIT,
	VMX_ENTRY,
	VMX_GROUPS
};

/* VMX_<GROUP>_<NAME>: the control's bit within its group. */
#define CONTROL(group, bit, NAME, text) static const u32 VMX_##group##_##NAME = 1U << (bit);
#include "controls.def"

/* IA32_VMX_* of a CPU (SDM Vol. 3, appendix "VMX Capability Reporting Facility"). */
struct vmx_capabilities {
	u64 basic, misc;
	u64 group[VMX_GROUPS]; /* low half: must be 1; high half: may be 1. TERTIARY: may be 1 */
	u64 cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	u64 ept_vpid, vmfunc;
};

/* Values of the VMCS's control fields. */
struct vmx_controls {
	u64 value[VMX_GROUPS];
};

/* Controls that a VM needs or uses. */
struct vmx_requested_controls {
	u64 required[VMX_GROUPS];
	u64 optional[VMX_GROUPS]; /* set if the CPU has them */
};

/* The request for a VM without features. */
void vmx_default_controls(struct vmx_requested_controls *requested);

/*
 * Control values for a request: required, those of the optional that the CPU has, and those that
 * must be 1. All others are 0. -EOPNOTSUPP: `why` names each control that is missing.
 */
int vmx_controls_fit(const struct vmx_capabilities *capabilities,
		     const struct vmx_requested_controls *requested, struct vmx_controls *controls,
		     char *why);

/* One entry per named bit, and one per group for the bits without a name. Returns the number. */
struct hv_control;
u32 vmx_controls_list(const struct vmx_controls *controls, struct hv_control *list);

#endif
