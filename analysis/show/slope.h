/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The net cost of an operation from runs with 1, 2, 4 operations between a pair of stamps. */
#ifndef ANALYSIS_SHOW_SLOPE_H
#define ANALYSIS_SHOW_SLOPE_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * A table of the slope of the round trip over setting `ops`, repeat by repeat, with its interval,
 * and the rest, which the stamps add. show_repeated() holds but for `ops`. 0; -ENODATA and why: all
 * runs have the same `ops`, or no storm has a round trip in all; -ENOMEM. The caller checks `out`.
 */
int show_slope(struct run *const *run, size_t runs, FILE *out, int width, char *why);

#endif
