/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operands of `compare`, opened: runs, groups of runs (A,B,C) and folders that hold runs. */
#ifndef BENCH_CLI_INPUTS_H
#define BENCH_CLI_INPUTS_H

#include "../../analysis/compare/compare.h"

#define MAX_INPUTS 64

struct inputs {
	struct compare_input input[MAX_INPUTS];
	char *name[MAX_INPUTS]; /* the labels */
	size_t count;
	bool named; /* the labels are values of a sweep, and head the columns */
};

/*
 * Adds a run; or "A,B,C", a group of runs, as one input; or a folder that holds runs: each run as
 * one input, or with `several` operands as a group, unless they were taken in turn, as `run --vary`
 * does. Returns STATUS_OK, or the status after a message.
 */
int inputs_add(struct inputs *inputs, const char *operand, bool several);
/* Index of the input by a number from 1, its label or its path; inputs->count: none. */
size_t inputs_find(const struct inputs *inputs, const char *text);
/* Labels two plain runs "base" and "new"; other inputs keep their names. */
void inputs_label(struct inputs *inputs, size_t base);
void inputs_close(struct inputs *inputs);

#endif
