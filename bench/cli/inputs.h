/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `compare` is given: runs, groups of runs (A,B,C) and folders that hold runs, opened. */
#ifndef BENCH_CLI_INPUTS_H
#define BENCH_CLI_INPUTS_H

#include "../../analysis/compare/compare.h"

#define MAX_INPUTS 64

struct inputs {
	struct compare_input input[MAX_INPUTS];
	char *name[MAX_INPUTS]; /* the labels */
	size_t count;
	bool named; /* the labels are values of a sweep, worth a column's head */
};

/*
 * An operand is a run; or "A,B,C", a group of runs and so one input; or a folder that holds runs,
 * as `run --vary` leaves it, each an input. STATUS_OK, or what it reported.
 */
int inputs_add(struct inputs *inputs, const char *operand);
/* The input meant by a number from 1, a label or a path; inputs->count: none is. */
size_t inputs_find(const struct inputs *inputs, const char *text);
/* Two plain runs are "base" and "new"; others keep their names. */
void inputs_label(struct inputs *inputs, size_t base);
void inputs_close(struct inputs *inputs);

#endif
