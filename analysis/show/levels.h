/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several runs of one configuration: their figures, and what varies at each level of repetition. */
#ifndef ANALYSIS_SHOW_LEVELS_H
#define ANALYSIS_SHOW_LEVELS_H

#include <stdio.h>

#include "../../results/run.h"
#include "../output/table.h"

/*
 * The table of the storms that all runs have figures of; show_repeated() holds. 0; -ENODATA and
 * why: there are none; -errno. The caller checks `out`.
 */
int show_levels(struct run *const *run, size_t runs, FILE *out, enum table_form form, int width,
		char *why);
int show_levels_json(struct run *const *run, size_t runs, FILE *out, char *why);

#endif
