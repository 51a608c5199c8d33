/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other CPUs: where one starts after its SIPI, and how it waits. Assembly includes it. */
#ifndef HV_METAL_SMP_H
#define HV_METAL_SMP_H

#define SMP_TRAMPOLINE 0x8000 /* below 1 MiB, not used otherwise */
#define SMP_STACK_SIZE 0x4000

#ifndef __ASSEMBLER__
#include "../../trace/types.h"
void smp_main(u32 cpu);
/* Whether SMP_TRAMPOLINE is memory that CPUs can start from; else none can be started. */
extern bool smp_trampoline_is_free;
/* Sends an NMI to each other CPU that was started. Returns their number. */
u32 smp_nmi_others(void);

/* park.c: waits at minimum cost to the other thread of the core until *word is not 0. */
void park_init(void); /* once, on the boot CPU; before any interrupt */
void park(volatile u32 *word);
void park_interrupt(u32 id);
/* After *word was set: wakes the CPU that parks there. */
void park_wake(u32 id); /* APIC ID */
#endif

#endif
