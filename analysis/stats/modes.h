/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modes of a distribution: peaks with a valley between them, whatever its skew and tail. */
#ifndef ANALYSIS_STATS_MODES_H
#define ANALYSIS_STATS_MODES_H

#include "../../trace/histogram.h"

#define MODES_MAX 4

struct mode {
	double p50, share; /* ticks, the median of its part; of all values */
};

/*
 * Finds peaks of a kernel density whose valley is at most half of the lower one, and whose parts
 * hold at least 5 % of the values each. `step`: of the clock, in ticks. Returns their number, in
 * ascending order, 0 for fewer than 100 values. A distribution that is skewed, or has a long tail,
 * has one.
 */
size_t modes_find(const struct histogram *histogram, double step, struct mode mode[MODES_MAX]);

#endif
