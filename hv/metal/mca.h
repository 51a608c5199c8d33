/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSRs of machine checks. Intel SDM Vol. 3, "Machine-Check Architecture"; APM Vol. 2, "Machine
 * Check Architecture".
 */
#ifndef HV_METAL_MCA_H
#define HV_METAL_MCA_H

#include "../cpu.h"

#define MSR_MCG_CAP	    0x179
#define MSR_MCG_CTL	    0x17b
#define MSR_MC_CTL(bank)    (0x400 + 4 * (bank))
#define MSR_MC_STATUS(bank) (0x401 + 4 * (bank))
#define MSR_MC_ADDR(bank)   (0x402 + 4 * (bank))
#define MCG_CAP_BANKS	    0xff
#define MCG_CAP_CTL	    (1 << 8) /* IA32_MCG_CTL exists */
#define MC_STATUS_VALID	    (1ULL << 63)
#define MC_STATUS_ADDRESS   (1ULL << 58) /* IA32_MCi_ADDR is valid */

static inline u32 mca_banks(void)
{
	return cpu_rdmsr(MSR_MCG_CAP) & MCG_CAP_BANKS;
}

#endif
