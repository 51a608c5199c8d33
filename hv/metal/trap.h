/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and interrupts of a bare-metal host. Assembly includes it. */
#ifndef HV_METAL_TRAP_H
#define HV_METAL_TRAP_H

#define METAL_TRAP_STUB_SIZE 16
#define METAL_TRAP_SAVED     (9 * 8)
/* Vectors of the class that the APIC does not hold (APIC_TPR_OWN). */
#define METAL_VECTOR_SELF     0xf1 /* host_interrupt_self */
#define METAL_VECTOR_WAKE     0xf2 /* work for a CPU that is parked in HLT */
#define METAL_VECTOR_WATCHDOG 0xf3
/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX (SDM Vol. 3, table "Exceptions and Interrupts"; APM) */
#define METAL_TRAPS_WITH_ERROR 0x60227d00

#ifndef __ASSEMBLER__
#include "../../trace/types.h"

struct metal_trap {
	u64 vector, error, rip, cs, rflags, rsp, ss;
};

void metal_trap(struct metal_trap *trap);
/* Interrupts without a handler so far: a device of the firmware's has sent them. */
extern u32 metal_strays;
/* Sets a vector's handler; NULL: panic. Handlers of interrupts send the EOI themselves. */
void metal_trap_set(u8 vector, void (*handler)(struct metal_trap *trap));
#endif

#endif
