/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CPU starts after its SIPI. Assembly includes it. */
#ifndef HV_METAL_SMP_H
#define HV_METAL_SMP_H

#define SMP_TRAMPOLINE 0x8000 /* below 1 MiB, not used otherwise */
#define SMP_STACK_SIZE 0x4000

#ifndef __ASSEMBLER__
#include "../../trace/types.h"
void smp_main(u32 cpu);
/* Sends an NMI to each other CPU that was started. Returns their number. */
u32 smp_nmi_others(void);
#endif

#endif
