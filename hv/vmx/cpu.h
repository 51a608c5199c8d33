/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSRs of VMX. Numbers: Intel SDM Vol. 4. */
#ifndef HV_VMX_CPU_H
#define HV_VMX_CPU_H

#include "../cpu.h"

#define MSR_TSC		       0x10
#define MSR_APIC_BASE	       0x1b
#define MSR_FEATURE_CONTROL    0x3a
#define MSR_RTIT_CTL	       0x570
#define MSR_VMX_BASIC	       0x480
#define MSR_VMX_PIN	       0x481
#define MSR_VMX_PROCESSOR      0x482
#define MSR_VMX_EXIT	       0x483
#define MSR_VMX_ENTRY	       0x484
#define MSR_VMX_MISC	       0x485
#define MSR_VMX_CR0_FIXED0     0x486
#define MSR_VMX_CR0_FIXED1     0x487
#define MSR_VMX_CR4_FIXED0     0x488
#define MSR_VMX_CR4_FIXED1     0x489
#define MSR_VMX_SECONDARY      0x48b
#define MSR_VMX_EPT_VPID       0x48c
#define MSR_VMX_TRUE_PIN       0x48d
#define MSR_VMX_TRUE_PROCESSOR 0x48e
#define MSR_VMX_TRUE_EXIT      0x48f
#define MSR_VMX_TRUE_ENTRY     0x490
#define MSR_VMX_VMFUNC	       0x491
#define MSR_VMX_TERTIARY       0x492
#define MSR_XSS		       0xda0
#define FEATURE_CONTROL_LOCK   1
#define FEATURE_CONTROL_VMX    4 /* outside SMX */
#define BASIC_TRUE_CONTROLS    (1ULL << 55)
#define RTIT_CTL_TRACE	       1
#define CR4_VMXE	       (1ULL << 13)
#define CR4_SMXE	       (1ULL << 14)

#endif
