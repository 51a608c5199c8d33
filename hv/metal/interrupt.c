// SPDX-License-Identifier: GPL-2.0-or-later
/* Interrupts and NMIs on bare metal: those of storms, and of devices that firmware has left on. */
#include "../host.h"
#include "apic.h"
#include "metal.h"
#include "trap.h"

#define VECTOR_NMI  2
#define SELF_READS  100000 /* of IRR: some milliseconds on a CPU */
#define SELF_PERIOD 16	   /* PAUSEs between two reads */

static u32 interrupts_of_self[METAL_MAX_CPUS];

static void self_handler(struct metal_trap *trap)
{
	(void)trap;
	host_interrupt_end(METAL_VECTOR_SELF);
}

/*
 * Returns when the interrupt is pending, so that it is not late for the next VM entry. An APIC that
 * never shows it (or a CPU that takes it at once) ends the wait, too.
 */
void host_interrupt_self(void)
{
	metal_trap_set(METAL_VECTOR_SELF, self_handler);
	apic_send(0, APIC_ICR_SELF | APIC_ICR_ASSERT | METAL_VECTOR_SELF);
	for (u32 i = 0; i < SELF_READS && !apic_pending(METAL_VECTOR_SELF); i++)
		for (u32 j = 0; j < SELF_PERIOD; j++)
			__asm__ volatile("pause");
}

u32 host_interrupts_of_self(void)
{
	return interrupts_of_self[host_cpu()];
}

bool host_interrupt_end(u32 vector)
{
	struct metal_trap other = {.vector = vector};

	if (vector != METAL_VECTOR_SELF) {
		metal_trap(&other); /* acknowledged by the exit: its handler has not run */
		return false;
	}
	interrupts_of_self[host_cpu()]++;
	apic_write(APIC_EOI, 0);
	return false;
}

static u32 nmis[METAL_MAX_CPUS];

/* May be a panic's on another CPU. */
static void nmi_handler(struct metal_trap *trap)
{
	(void)trap;
	metal_stop_in_panic();
	nmis[host_cpu()]++;
}

void host_nmi_expect(bool expect)
{
	metal_trap_set(VECTOR_NMI, expect ? nmi_handler : NULL);
}

u32 host_nmis(void)
{
	return nmis[host_cpu()];
}

/* IRET unblocks NMIs (SDM Vol. 3, "Handling Multiple NMIs"); this one returns to the next line. */
void host_nmi_end(void)
{
	u64 stack;

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
