// SPDX-License-Identifier: GPL-2.0-or-later
/* The TSC beside CLOCK_MONOTONIC: whether it is the kernel's clock, and its rate. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kvm_trace_private.h"
#include "stamp.h"

#define ANCHOR_TRIES 64
#define AGAIN	     1000000000
#define APART	     50000000 /* ns: the error of two anchors, a few tens of ns each, is 1 in 10^6 */

/* Elsewhere the TSCs of two CPUs may differ, or stop. */
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

/* The narrowest of several: what comes between makes one wider. */
struct clock_anchor clock_anchor(void)
{
	struct clock_anchor best = {0};
	u64 least = ~0ULL;

	for (int i = 0; i < ANCHOR_TRIES; i++) {
		struct timespec now;
		u64 before = stamp_fenced(), width;

		clock_gettime(CLOCK_MONOTONIC, &now);
		width = stamp_fenced() - before;
		if (width >= least)
			continue;
		least = width;
		best.tsc = before + width / 2;
		best.ns = (u64)now.tv_sec * 1000000000 + now.tv_nsec;
	}
	return best;
}

u32 clock_rate(struct clock_anchor *from, unsigned int shift)
{
	struct clock_anchor to = clock_anchor();
	u32 rate;

	if (to.ns - from->ns < APART) {
		nanosleep(&(struct timespec){.tv_nsec = APART - (to.ns - from->ns)}, NULL);
		to = clock_anchor();
	}
	rate = (double)(to.ns - from->ns) / (to.tsc - from->tsc) * (1U << shift) + 0.5;
	*from = to;
	return rate;
}

void clock_rate_again(struct clock_anchor *from, u32 *rate, unsigned int shift)
{
	struct timespec now;
	u32 again;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((u64)now.tv_sec * 1000000000 + now.tv_nsec - from->ns < AGAIN)
		return;
	again = clock_rate(from, shift);
	/* Nobody sets a clock right that fast: the machine was suspended. */
	if (again - (*rate - *rate / 64) <= *rate / 32)
		*rate = again;
}
