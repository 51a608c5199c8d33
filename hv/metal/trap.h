/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and interrupts of a bare-metal host. Assembly includes it. */
#ifndef HV_METAL_TRAP_H
#define HV_METAL_TRAP_H

#define METAL_TRAP_STUB_SIZE 16
#define METAL_TRAP_SAVED     (9 * 8)
#define METAL_VECTOR_SELF    0x51 /* host_interrupt_self */
/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX (SDM Vol. 3, table "Exceptions and Interrupts"; APM) */
#define METAL_TRAPS_WITH_ERROR 0x60227d00

#ifndef __ASSEMBLER__
#include "../../trace/types.h"

struct metal_trap {
	u64 vector, error, rip, cs, rflags, rsp, ss;
};

void metal_trap(struct metal_trap *trap);
/* Sets a vector's handler; NULL: panic. Handlers of interrupts send the EOI themselves. */
void metal_trap_set(u8 vector, void (*handler)(struct metal_trap *trap));
#endif

#endif
