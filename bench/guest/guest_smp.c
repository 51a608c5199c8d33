// SPDX-License-Identifier: GPL-2.0-or-later
/* The loops of a pair's odd vCPU, while the even one runs the storm. */
#include "processor.h"

/* shared->index is 1 while this vCPU accepts interrupts: partner_ready waits for it. */
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

/* The host ends this loop by hv_kick, because setting `stop` does not wake a halted vCPU. */
void partner_halt(struct guest_shared *shared)
{
	xapic_on();
	shared->index = 1;
	while (!shared->stop)
		__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
	shared->index = 0;
}
