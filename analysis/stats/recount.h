/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's figures, computed from its records. */
#ifndef ANALYSIS_STATS_RECOUNT_H
#define ANALYSIS_STATS_RECOUNT_H

#include "../../results/run.h"

/*
 * Replaces the legs' summaries of all storms by those of the records in samples/, which are a part
 * of the measured ones unless all were kept. `leg`: of this one only (LEGS: of all). A storm
 * without records gets none. Memory does not grow with the records. Sets run.json's "recounted" to
 * their number, which show prints. 0, or -errno and why; -ENODATA: no storm has records.
 */
int recount(struct run *run, enum leg leg, char *why);

#endif
