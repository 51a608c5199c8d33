/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order and the groups in which storms are shown. Storms share a group only where their legs
 * were stamped at the same sites, so that a column has one meaning.
 */
#ifndef ANALYSIS_DESCRIBE_GROUPS_H
#define ANALYSIS_DESCRIBE_GROUPS_H

#include "../../results/run.h"

struct group {
	char title[160];		/* the subject, and where the legs were stamped */
	bool legs;			/* the storms have exit, handler or resume */
	const struct run_storm **storm; /* in the order of the run */
	size_t storms;
};

/* All storms with a figure. NULL: no memory, or none (then *count is 0). */
struct group *groups_new(const struct run *run, size_t *count);
void groups_free(struct group *groups, size_t count);

#endif
