/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Levels of repetition: how much values vary from record to record, repeat to repeat, run to run
 * and boot to boot, and which of these makes an interval wide. T. Kalibera and R. Jones, "Rigorous
 * benchmarking in reasonable time", ISMM 2013. Values are natural logarithms, so that variances are
 * relative.
 */
#ifndef ANALYSIS_STATS_LEVELS_H
#define ANALYSIS_STATS_LEVELS_H

#include <stddef.h>

#include "../../results/run.h"

enum level { LEVEL_RECORD, LEVEL_REPEAT, LEVEL_RUN, LEVEL_BOOT, LEVELS };
extern const char *const level_name[LEVELS];  /* "boot" */
extern const char *const level_names[LEVELS]; /* "boots" */

/* One run: its centre and what its repeats and records tell of the centre's error. */
struct level_run {
	size_t boot;	       /* its number from 0 on */
	double log, squared;   /* the centre of its repeats; its standard error, squared */
	double repeats;	       /* how many */
	double record_squared; /* squared error of a repeat's value by its records; NAN: not known
				*/
	double records;	       /* per repeat */
};

struct levels {
	size_t boots, runs;
	double log, low, high; /* the centre of boots, or of runs of one boot, with its 95 % */
	/*
	 * Variance that one unit of the level adds. NAN: it cannot be told from the level above
	 * (one run per boot), or below (one boot, one repeat, no histogram).
	 */
	double variance[LEVELS];
	double share[LEVELS]; /* in the squared error of `log`; sum 1, or all NAN */
	enum level pays;      /* with the greatest share: more of it narrows the interval most */
};

/* Of boots numbered 0 .. boots - 1, each with a run. */
void levels_of(const struct level_run *run, size_t runs, size_t boots, struct levels *levels);

/*
 * The same of a storm's leg in several runs, all of which have it. Boots are told apart by
 * describe_boot(); runs of unknown boots count as runs of one. 0; -ENODATA and why: a run has no
 * figure of it; -errno.
 */
int levels_of_runs(struct run *const *run, size_t runs, const char *storm, enum leg leg,
		   struct levels *levels, char *why);
/* Numbers the boots of runs from 0 on, in the order of the runs, into boot[]; returns how many. */
size_t levels_boots(struct run *const *run, size_t runs, size_t *boot);

#endif
