/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that a run gives for inference: one a repeat. */
#ifndef ANALYSIS_STATS_MEDIANS_H
#define ANALYSIS_STATS_MEDIANS_H

#include "inference.h"
#include "../../results/run.h"

/*
 * The logarithms of the repeats' medians of a leg, in ticks, and how far the clock's step blurs
 * them. vCPUs of one repeat are one value, their geometric mean. Where the step, or a histogram's
 * bucket, is more than `fine` of the median, medians are made anew from the histograms, by
 * mid-distribution: each value spread over the step.
 * 0; -ENODATA: there are none, `why` says why in a few words; -ENOMEM; -errno: the histograms
 * cannot be read. The caller frees sample->log.
 */
int medians_sample(const struct run *run, const struct run_storm *storm, enum leg leg, bool clean,
		   double fine, struct sample *sample, char *why);
/* Do all repeats of a leg have clean records? */
bool medians_have_clean(const struct run_storm *storm, enum leg leg);
/* Quantile 1/2 where each value is spread evenly over `step`; *share: of all that lie within a step
 * round it. NAN: an empty histogram. */
double medians_spread(const struct histogram *histogram, double step, double *share);

#endif
