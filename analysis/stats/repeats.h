/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a storm repeat by repeat, which all figures of the storm are made of. */
#ifndef ANALYSIS_STATS_REPEATS_H
#define ANALYSIS_STATS_REPEATS_H

#include "inference.h"
#include "../../results/run.h"

/* A quantile with fewer values beyond it has no support: n (1 - q) < 10. */
#define REPEATS_BEYOND 10

extern const char *const quantile_name[RUN_QUANTILES];
/* Records that a repeat and vCPU needs for a quantile; 1 for the median. */
u64 quantile_needs(enum run_quantile quantile);

/*
 * Sets sample->log to the logarithms of a quantile of the repeats of a leg, in ticks, their
 * numbers, and sample->blur to the clock's. vCPUs of one repeat give one value, their geometric
 * mean. Where the clock's step, or a histogram's bucket, exceeds 0.1 % of the median, medians are
 * computed from the histograms by mid-distribution, each value spread over the step. Repeats in
 * which a vCPU has no such records, or too few of them, are left out. The storm keeps what was read
 * of its histograms. 0; -ENODATA and a few words in `why`: more than half of the repeats have no
 * value; -ENOMEM; -errno: the histograms cannot be read. The caller calls sample_free().
 */
int repeats_sample(const struct run *run, const struct run_storm *storm, enum leg leg,
		   enum run_quantile quantile, bool clean, struct sample *sample, char *why);
/*
 * How the records of a repeat alone let its median vary, on average of the repeats: the squared
 * standard error, and the number of records. Both NAN: not known. 0 or -errno.
 */
struct record_spread {
	double squared, records;
};
int repeats_record_spread(const struct run *run, const struct run_storm *storm, enum leg leg,
			  bool clean, struct record_spread *spread, char *why);
/* Do more than half of the repeats of a leg have clean records of all vCPUs? 0 or -errno. */
int repeats_have_clean(const struct run *run, const struct run_storm *storm, enum leg leg,
		       bool *clean, char *why);

#endif
