/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSRs and instructions of SVM. AMD APM Vol. 2, appendix A "MSR Cross-Reference", Vol. 3. */
#ifndef HV_SVM_CPU_H
#define HV_SVM_CPU_H

#include "../cpu.h"

#define MSR_TSC_RATIO	0xc0000104 /* the guest's TSC rate by the host's, 32 fraction bits */
#define TSC_RATIO_ONE	(1ULL << 32)
#define MSR_VM_CR	0xc0010114
#define MSR_VM_HSAVE_PA 0xc0010117
#define MSR_DE_CFG	0xc0011029
#define MSR_APIC_BASE	0x1b
#define MSR_SYSCFG	0xc0010010
#define SYSCFG_SNP	(1 << 24) /* SEV-SNP is enabled */
#define EFER_MCOMMIT	(1 << 17)
#define VM_CR_LOCK	(1 << 3)
#define VM_CR_SVMDIS	(1 << 4)
#define EFER_SVME	(1 << 12)
#define CR4_LA57	(1 << 12)
#define NPT_TABLE	7 /* present, writable, user */

/* DE_CFG[1], or CPUID Fn8000_0021 EAX[2]: LFENCE is dispatch-serializing. */
#define DE_CFG_LFENCE_SERIALIZE (1 << 1)

static inline void cpu_vmload(u64 physical)
{
	__asm__ volatile("vmload" : : "a"(physical) : "memory");
}

static inline void cpu_vmsave(u64 physical)
{
	__asm__ volatile("vmsave" : : "a"(physical) : "memory");
}

/*
 * Handles events that are pending for GIF. Where the manual does not say after which instruction a
 * pending NMI is taken, one instruction might be too few: VMRUN would exit again at once, for ever.
 */
static inline void cpu_gif_window(void)
{
	__asm__ volatile("stgi; nop; nop; nop; nop; clgi" : : : "memory");
}

#endif
