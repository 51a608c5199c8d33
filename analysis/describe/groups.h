/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order and the groups in which storms are shown. Storms share a group only where their legs
 * were taken at the same sites, so that one column never means two things.
 */
#ifndef ANALYSIS_DESCRIBE_GROUPS_H
#define ANALYSIS_DESCRIBE_GROUPS_H

#include "../../results/run.h"

struct group {
	char title[160]; /* what the storms provoke, and where the legs' stamps were taken */
	bool legs;	 /* exit, handler or resume are there */
	enum leg main;
	const struct run_storm **storm; /* in the order of the run */
	size_t storms;
};

/* All storms with a figure. NULL: no memory, or none (then *count is 0). */
struct group *groups_new(const struct run *run, size_t *count);
void groups_free(struct group *groups, size_t count);

#endif
