/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any quantiles of a leg, repeat by repeat, from the run's histograms. */
#ifndef ANALYSIS_STATS_REPEAT_QUANTILES_H
#define ANALYSIS_STATS_REPEAT_QUANTILES_H

#include "../../results/run.h"
#include "inference.h"

/*
 * Sets sample[i] to the logarithms of the quantile q[i], of all records, of the repeats that have
 * REPEATS_BEYOND records at each side of it, and blur to half of a histogram's bucket or clock's
 * step. vCPUs of a repeat give one value, their geometric mean. A sample may be empty. The caller
 * frees all with sample_free(). 0 or -errno and `why`.
 */
int repeat_quantiles(const struct run *run, const struct run_storm *storm, enum leg leg,
		     const double *q, size_t quantiles, struct sample *sample, char *why);

#endif
