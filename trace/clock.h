/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TSC beside CLOCK_MONOTONIC. Not freestanding. */
#ifndef TRACE_CLOCK_H
#define TRACE_CLOCK_H

#include "types.h"

/* A moment on both clocks: at `ns` the TSC was `tsc`, give or take `half` ticks. */
struct clock_anchor {
	u64 ns, tsc;
	u32 half;
};

/* A linear map of readings to ticks: `from` is the tick `to`. */
struct clock_scale {
	u64 from, to;
	double slope; /* ticks per unit of the reading */
};

/* The kernel uses the TSC as clocksource: elsewhere the TSCs of two CPUs may differ, or stop. */
bool clock_is_tsc(void);

/* The narrowest of up to 64 tries; the first one whose `half` is at most `good` is taken at once.
 */
struct clock_anchor clock_anchor(u32 good);

struct clock_scale clock_scale(const struct clock_anchor *begin, const struct clock_anchor *end);
u64 clock_ticks(const struct clock_scale *scale, u64 reading);

/*
 * ns per tick, times 2^shift, between *from and now. Sets *from to now. Sleeps so that the two are
 * at least 50 ms apart.
 */
u32 clock_rate(struct clock_anchor *from, unsigned int shift);
/* The same, without sleep, if *from is more than a second ago: NTP changes the rate. */
void clock_rate_update(struct clock_anchor *from, u32 *rate, unsigned int shift);

#endif
