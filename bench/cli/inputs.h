/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `compare` is given: runs, groups of runs (A,B,C) and folders that hold runs, opened. */
#ifndef BENCH_CLI_INPUTS_H
#define BENCH_CLI_INPUTS_H

#include "../../analysis/compare/compare.h"

#define MOST_SIDES 64

struct sides {
	struct compare_side side[MOST_SIDES];
	char *name[MOST_SIDES]; /* the labels */
	size_t count;
	bool named; /* the labels are values of a sweep, worth a column's head */
};

/*
 * An operand is a run; or "A,B,C", a group of runs and so one side; or a folder that holds runs, as
 * `run --vary` leaves it, each a side. STATUS_OK, or what it reported.
 */
int sides_add(struct sides *sides, const char *operand);
/* The side meant by a number from 1, a label or a path; sides->count: none is. */
size_t sides_find(const struct sides *sides, const char *text);
/* Two plain runs are "base" and "new"; others keep their names. */
void sides_label(struct sides *sides, size_t base);
void sides_close(struct sides *sides);

#endif
