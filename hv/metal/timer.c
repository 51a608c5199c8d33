// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The local APIC's timer, once, after a number of TSC ticks. Its own rate is unknown: it is
 * measured against the TSC. SDM Vol. 3, "APIC Timer".
 */
#include "../../trace/stamp.h"
#include "apic.h"
#include "metal.h"
#include "trap.h"

#define MEASURE_TICKS (1 << 17) /* of the TSC */
#define FRACTION      20	/* bits of the rate */
#define DIVIDE	      128

static u64 rate; /* timer counts per TSC tick, undivided, FRACTION fraction bits */
static void (*on_fire)(void);

static void fire(struct metal_trap *trap)
{
	(void)trap;
	apic_write(APIC_EOI, 0);
	on_fire();
}

void metal_timer_init(void (*function)(void))
{
	u64 began, now;
	u32 counted;

	on_fire = function;
	metal_trap_set(METAL_VECTOR_WATCHDOG, fire);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | METAL_VECTOR_WATCHDOG);
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_1);
	apic_write(APIC_TIMER_COUNT, ~0U);
	began = stamp_fenced();
	do {
		counted = ~0U - apic_read(APIC_TIMER_CURRENT);
		now = stamp_fenced();
	} while (now - began < MEASURE_TICKS);
	apic_write(APIC_TIMER_COUNT, 0);
	rate = ((u64)counted << FRACTION) / (now - began);
}

void metal_timer_start(u64 ticks)
{
	u64 count = (ticks * rate >> FRACTION) / DIVIDE;

	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_128);
	apic_write(APIC_LVT_TIMER, METAL_VECTOR_WATCHDOG);
	apic_write(APIC_TIMER_COUNT, count < ~0U ? count + 1 : ~0U);
}

void metal_timer_stop(void)
{
	apic_write(APIC_TIMER_COUNT, 0);
}
