// SPDX-License-Identifier: GPL-2.0-or-later
/* What the odd vCPU of a pair runs while the even one makes its storm. */
#include "processor.h"

/* shared->index is 1 while this vCPU takes interrupts: partner_ready waits for it. */
void partner_spin(struct guest_shared *shared)
{
	xapic_on();
	sti();
	shared->index = 1;
	while (!shared->stop)
		;
	shared->index = 0;
	cli();
}

/* The host ends this one by hv_kick: it cannot wake a halted vCPU, and need not. */
void partner_halt(struct guest_shared *shared)
{
	xapic_on();
	shared->index = 1;
	while (!shared->stop)
		__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
	shared->index = 0;
}
