/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures of groups of runs of a store. The unit is the machine (host.machine_id, else host.name),
 * because several runs of one machine are not independent: a machine's value is the mean of its
 * runs' logarithms, a group's figure is the centre of its machines' values, with its 95 % interval
 * from machine to machine. In a group of one machine the unit is the run. Runs that do not tell
 * their machine count as runs of one. Runs whose clocks or sites differ are never in one group.
 */
#ifndef ANALYSIS_STORE_QUERY_H
#define ANALYSIS_STORE_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "../../results/run.h"
#include "store.h"

#define QUERY_KEYS 8
#define QUERY_TEXT 256

struct query_condition {
	const char *key;   /* a path of run.json ("host.cpu.codename") */
	const char *value; /* GLOB pattern of its value; words with commas: any of them */
};

struct query {
	const struct query_condition *where;
	size_t conditions;
	const char *by[QUERY_KEYS];
	size_t keys;
	const char *storms; /* patterns with commas; NULL: all */
	enum leg leg;	    /* LEGS: each storm's main leg */
};

/* "2.5 ns": time where all runs of the group have a tick rate, else ticks of their clock. */
enum query_unit { QUERY_NS, QUERY_TICKS };
extern const char *const query_unit_name[];

struct query_figure {
	size_t runs;	    /* that have it; 0: none */
	size_t machines;    /* of these runs */
	size_t units;	    /* machines, or runs of one machine */
	const double *log;  /* of each unit's value; NULL after the callback */
	const u64 *machine; /* numbers, ascending; of each unit; NULL after the callback */
	double blur;	    /* how far the clock's step may have shifted the logarithms together */
	double value, low, high; /* NAN: not known; low and high: one run without an interval */
};

struct query_group {
	char by[QUERY_KEYS][QUERY_TEXT]; /* "": the runs have no such member */
	char storm[QUERY_TEXT], leg[QUERY_TEXT], site[QUERY_TEXT], clock[QUERY_TEXT];
	enum query_unit unit;
	struct query_figure p50, p99;
};

/*
 * Calls back for each group, in the order of by, storm and leg. A result that is not 0 ends it and
 * is returned. -E2BIG: a value of `by` has QUERY_TEXT bytes or more.
 */
int query_run(struct store *store, const struct query *query,
	      int (*group)(void *arg, const struct query_group *group), void *arg, char *why);

#endif
