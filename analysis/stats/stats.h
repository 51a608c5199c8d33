/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics of histograms and of repeats, in ticks. Count, min, max and mean are exact; figures
 * made from buckets have their error, at most 0.1 % and none below 1,024 ticks.
 */
#ifndef ANALYSIS_STATS_STATS_H
#define ANALYSIS_STATS_STATS_H

#include "../../results/run.h"

/*
 * Quantile q (0..1) by mid-distribution: the values of a bucket are spread over its width. A rank
 * between two buckets gives the middle between them, so that the median of 10 and 20 is 15. Clamped
 * to [min, max]. NAN: an empty histogram.
 */
double stats_quantile(const struct histogram *histogram, double q);
/*
 * stddev: of the sample (n - 1; 0 for one value). mad: the median of |value - median|, not scaled.
 * An empty histogram: count 0, the rest NAN.
 */
void stats_summary(const struct histogram *histogram, struct leg_stats *stats);

/*
 * Adds all records of a leg, over repeats and vCPUs, from the run's array to the buckets and the
 * count of `histogram`. Returns as run_histogram().
 */
int stats_add_histogram(const struct run *run, const struct run_storm *storm, enum leg leg,
			struct histogram *histogram, char *why);

#endif
