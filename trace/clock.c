// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stamp.h"

#define ANCHOR_TRIES  64
#define SECOND	      1000000000ULL
#define RATE_INTERVAL 50000000 /* ns: an anchor is off by some 10 ns, which makes 1 in 10^6 */

static u64 ns_of(const struct timespec *time)
{
	return (u64)time->tv_sec * SECOND + time->tv_nsec;
}

bool clock_is_tsc(void)
{
	FILE *file =
		fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
	char name[16] = "";
	bool read = file && fgets(name, sizeof(name), file);

	if (file)
		fclose(file);
	return read && !strcmp(name, "tsc\n");
}

/* An interrupt between the two stamps makes an anchor wider, so the narrowest is the best one. */
struct clock_anchor clock_anchor(u32 good)
{
	struct clock_anchor best = {.half = ~0U};

	for (int i = 0; i < ANCHOR_TRIES && best.half > good; i++) {
		struct timespec now;
		u64 before, width;

		before = stamp_fenced();
		clock_gettime(CLOCK_MONOTONIC, &now);
		width = stamp_fenced() - before;
		if ((width + 1) / 2 < best.half)
			best = (struct clock_anchor){
				.ns = ns_of(&now),
				.tsc = before + width / 2,
				.half = (width + 1) / 2,
			};
	}
	return best;
}

struct clock_scale clock_scale(const struct clock_anchor *begin, const struct clock_anchor *end)
{
	return (struct clock_scale){
		.from = begin->ns,
		.to = begin->tsc,
		.slope = (double)(end->tsc - begin->tsc) / (double)(end->ns - begin->ns),
	};
}

u64 clock_ticks(const struct clock_scale *scale, u64 reading)
{
	if (scale->slope == 1)
		return reading - scale->from + scale->to;
	return scale->to + (s64)((double)(s64)(reading - scale->from) * scale->slope);
}

u32 clock_rate(struct clock_anchor *from, unsigned int shift)
{
	struct clock_anchor to = clock_anchor(0);
	u32 rate;

	if (to.ns - from->ns < RATE_INTERVAL) {
		nanosleep(&(struct timespec){.tv_nsec = RATE_INTERVAL - (to.ns - from->ns)}, NULL);
		to = clock_anchor(0);
	}
	rate = (double)(to.ns - from->ns) / (to.tsc - from->tsc) * (1U << shift) + 0.5;
	*from = to;
	return rate;
}

void clock_rate_update(struct clock_anchor *from, u32 *rate, unsigned int shift)
{
	struct timespec now;
	u32 next;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (ns_of(&now) - from->ns < SECOND)
		return;
	next = clock_rate(from, shift);
	/* NTP slews by far less than 1/64: such a step means that the machine was suspended. */
	if (next - (*rate - *rate / 64) <= *rate / 32)
		*rate = next;
}
