/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a run for inference, one per repeat. */
#ifndef ANALYSIS_STATS_MEDIANS_H
#define ANALYSIS_STATS_MEDIANS_H

#include "inference.h"
#include "../../results/run.h"

/*
 * Sets sample->log to the logarithms of the repeats' medians of a leg, in ticks, their numbers,
 * and sample->blur to the clock's. vCPUs of one repeat give one value, their geometric mean. Where
 * the clock's step, or a histogram's bucket, exceeds `fine` of the median, medians are computed
 * from the histograms by mid-distribution, each value spread over the step. 0; -ENODATA and a few
 * words in `why`: there are none; -ENOMEM; -errno: the histograms cannot be read. The caller calls
 * sample_free().
 */
int medians_sample(const struct run *run, const struct run_storm *storm, enum leg leg, bool clean,
		   double fine, struct sample *sample, char *why);
/* Do all repeats of a leg have clean records? */
bool medians_have_clean(const struct run_storm *storm, enum leg leg);
/*
 * The median where each value is spread evenly over `step`. *share: the part of all values within
 * one step around it. NAN: an empty histogram.
 */
double medians_spread(const struct histogram *histogram, double step, double *share);

#endif
