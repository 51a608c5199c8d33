/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -s: the storms that a command is for, by names and patterns with commas between them. */
#ifndef BENCH_CLI_CHOOSE_H
#define BENCH_CLI_CHOOSE_H

#include "../../results/run.h"
#include "cli.h"

/* A row of option tables. */
#define CHOOSE_ROW(type, member)                                                       \
	{                                                                              \
		.letter = 's', .name = "storms", .value = "LIST", .kind = OPTION_TEXT, \
		.at = offsetof(type, member), .complete = COMPLETE_STORMS,             \
		.text = "only these storms, by name or pattern (pio_*,cpuid)"          \
	}

/* Does the storm match the list? A struct compare_options takes this function. */
bool choose_wants(void *list, const char *storm);
/*
 * Each part of the list must match one of the storms that there are. STATUS_OK, or STATUS_USAGE
 * after a message, which names the most similar one.
 */
int choose_check_storms(const char *list);
/* The same for the storms of runs. NULL: all storms. */
int choose_check_runs(const char *list, struct run *const *run, size_t runs);
/*
 * The storms of runs that the list names, each once, in the list's order. Of what a pattern
 * matches, those with figures, or all if none has any. To be freed; the names are those of the
 * runs.
 */
const char **choose_names(const char *list, struct run *const *run, size_t runs, size_t *count);
/* Leaves the other storms out of the runs. Returns as choose_check_runs(). */
int choose_keep(const char *list, struct run *const *run, size_t runs);

#endif
