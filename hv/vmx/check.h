/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SDM's checks on a VMCS before a VM entry (Vol. 3, chapter "VM Entries"), in its order: which
 * field breaks which rule. Pure: fields come from a function, so that any VMCS can be tried on any
 * machine. Left out is what goes by the contents of memory (VTPR, the linked VMCS, MSR lists) and
 * by what we never use and fields that few CPUs have: SMM, CET's and FRED's MSRs,
 * IA32_PERF_GLOBAL_CTRL, IA32_BNDCFGS, IA32_RTIT_CTL, IA32_LBR_CTL, UINV, HLATP, dual-monitor
 * treatment.
 */
#ifndef HV_VMX_CHECK_H
#define HV_VMX_CHECK_H

#include "controls.h"

enum vmx_check_area {
	VMX_CHECK_NOTHING, /* no rule is broken */
	VMX_CHECK_CONTROLS,
	VMX_CHECK_HOST,
	VMX_CHECK_GUEST,
};

struct vmx_check {
	u64 (*read)(void *arg, u32 field);
	void *arg;
	const struct vmx_capabilities *can;
	u32 physical_bits; /* MAXPHYADDR */
	u32 linear_bits;   /* 48, or 57 with 5-level paging */
	/* Out, unless the area is VMX_CHECK_NOTHING. */
	u32 field;
	u64 value;
	const char *rule; /* in words: what must hold */
};

/* The area of the first broken rule. */
enum vmx_check_area vmx_check(struct vmx_check *check);
const char *vmx_check_area_name(enum vmx_check_area area);

#endif
