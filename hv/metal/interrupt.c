// SPDX-License-Identifier: GPL-2.0-or-later
/* Interrupts and NMIs on bare metal: only storms send them. */
#include "../host.h"
#include "apic.h"
#include "metal.h"
#include "trap.h"

#define VECTOR_NMI 2

static void self_handler(struct metal_trap *trap)
{
	(void)trap;
	host_interrupt_end(METAL_VECTOR_SELF);
}

void host_interrupt_self(void)
{
	metal_trap_set(METAL_VECTOR_SELF, self_handler);
	apic_write(APIC_SVR, APIC_SVR_ENABLE);
	apic_write(APIC_ICR_LOW, APIC_ICR_SELF | METAL_VECTOR_SELF);
}

bool host_interrupt_end(u32 vector)
{
	(void)vector;
	apic_write(APIC_EOI, 0);
	return false;
}

static void nmi_handler(struct metal_trap *trap)
{
	(void)trap;
}

void host_nmi_expect(bool own)
{
	metal_trap_set(VECTOR_NMI, own ? nmi_handler : NULL);
}

/* IRET unblocks NMIs (SDM Vol. 3, "Handling Multiple NMIs"); this one returns to the next line. */
void host_nmi_end(bool own)
{
	u64 stack;

	(void)own;
	metal_stop_in_panic();
	__asm__ volatile("movq %%rsp, %0\n\t"
			 "pushq %1\n\t"
			 "pushq %0\n\t"
			 "pushfq\n\t"
			 "pushq %2\n\t"
			 "leaq 1f(%%rip), %0\n\t"
			 "pushq %0\n\t"
			 "iretq\n"
			 "1:"
			 : "=&r"(stack)
			 : "i"(METAL_DS), "i"(METAL_CS)
			 : "memory", "cc");
}
