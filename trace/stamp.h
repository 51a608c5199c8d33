/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TSC stamps. Units: TSC ticks.
 *
 * RDTSC is not serialising (Intel SDM Vol. 2B, RDTSC): LFENCE before it waits until earlier
 * instructions have completed locally, LFENCE after it keeps later ones from starting early. On
 * AMD this holds where LFENCE is dispatch serialising (APM Vol. 3, LFENCE).
 */
#ifndef TRACE_STAMP_H
#define TRACE_STAMP_H

#include "types.h"

/* The host's first stamp after an exit: no fence, as it must not be delayed. */
static inline u64 stamp_in(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

/* The host's last stamp before an entry: after all earlier instructions. */
static inline u64 stamp_out(void)
{
	u32 low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

/* Fenced on both sides. The guest's stamps are the same sequence, see bench/guest/loops.h. */
static inline u64 stamp_fenced(void)
{
	u32 low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

#endif
