/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's figures made anew from its records. */
#ifndef ANALYSIS_STATS_RECOUNT_H
#define ANALYSIS_STATS_RECOUNT_H

#include "../../results/run.h"

/*
 * Replaces the legs' summaries of all storms by those of the records in samples/, which are a part
 * of what was measured unless all were kept. `leg`: of this one alone (LEGS: of all). Storms without records lose theirs. Streams. run.json gets "recounted",
 * how many records they were, which show says. 0 or
 * -errno and why; -ENODATA: no storm has records.
 */
int recount(struct run *run, enum leg leg, char *why);

#endif
