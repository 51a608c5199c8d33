/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the figures of a storm's repeats: medians from run.json, the others from its histograms. */
#ifndef ANALYSIS_STATS_LOAD_REPEATS_H
#define ANALYSIS_STATS_LOAD_REPEATS_H

#include "../../results/run.h"

struct repeat_value {
	u64 count;			/* records; 0: no histogram was read */
	double quantile[RUN_QUANTILES]; /* ticks; NAN: not known */
	double share; /* of the records within one step around the median; NAN: not known */
	/* Standard error of the median by its records alone, in parts of it; NAN: not known. */
	double error;
};

/* One allocation. */
struct repeats {
	size_t count; /* entries: repeats times vCPUs, sorted by repeat, then vCPU */
	struct repeat_id {
		u64 repeat, vcpu;
		size_t entry; /* in repeats[] of run.json */
	} * id;
	struct repeat_value *value;
	u8 slot[LEGS]; /* index + 1 of the leg in value[]; 0: the storm has no such leg */
	size_t slots;
	double granularity; /* of the clock, in ticks; 0: not known, or instructions */
	double step[LEGS];  /* of the leg's values: the clock's, or a bucket */
	bool coarse[LEGS];  /* the step is large beside the median */
};

/* NULL: the storm has no such leg. */
struct repeat_value *repeats_value(const struct repeats *repeats, size_t index, enum leg leg,
				   bool clean);
/*
 * The first call reads, and leaves what it read in storm->cache. A run without arrays has medians
 * only. 0 or -errno, and `why`.
 */
int repeats_load(const struct run *run, const struct run_storm *storm,
		 const struct repeats **repeats, char *why);

#endif
