// SPDX-License-Identifier: GPL-2.0-or-later
/* The loops of a pair's odd vCPU, while the even one runs the storm. */
#include "system_call.h"

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

/* Counts the sender's requests, and sleeps until there is one. hv_kick ends the last sleep. */
void partner_sleep(struct guest_shared *shared)
{
	shared->index = 1;
	while (!shared->stop) {
		u32 count = shared->count;

		if ((u32)*scratch(shared) == count)
			system_call(CALL_FUTEX, (u64)scratch(shared), FUTEX_WAIT, count, 0);
		else
			shared->count = count + 1;
	}
	shared->index = 0;
}
