/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_MACHINE_CLOCK_H
#define BENCH_MACHINE_CLOCK_H

#include <time.h>

/* CLOCK_MONOTONIC in seconds. */
static inline double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

#endif
