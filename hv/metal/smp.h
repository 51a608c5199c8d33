/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CPU starts after its SIPI. Assembly includes it. */
#ifndef HV_METAL_SMP_H
#define HV_METAL_SMP_H

#define SMP_TRAMPOLINE 0x8000 /* page 8: below 1 MiB, used by nobody else */
#define SMP_STACK_SIZE 0x4000

#ifndef __ASSEMBLER__
#include "../../trace/types.h"
void smp_main(u32 cpu);
/* An NMI to each other CPU that was started. How many there are. */
u32 smp_nmi_others(void);
#endif

#endif
