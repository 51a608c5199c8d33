/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups of runs: how many boots they are of, and of which level of repetition more would pay. */
#ifndef ANALYSIS_COMPARE_REPETITION_H
#define ANALYSIS_COMPARE_REPETITION_H

#include <stdio.h>

#include "comparison.h"

/*
 * All groups are of two boots and more, and one has several runs of a boot: these share what the
 * boot is like, so the boot is the unit of inference.
 */
bool compare_by_boots(const struct compare *compare);
/* The sample has a value of each run of the input: makes it one of each boot, their mean. */
void compare_merge_boots(const struct compare_input *input, struct sample *sample);
/* A line per group; nothing where the inputs are single runs. */
void compare_put_repetition(const struct compare *compare, FILE *out);

#endif
