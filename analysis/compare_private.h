/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For compare.c and the files by subject beside it. */
#ifndef ANALYSIS_COMPARE_PRIVATE_H
#define ANALYSIS_COMPARE_PRIVATE_H

#include "compare.h"

/* May these runs stand beside each other, and in which unit? -EINVAL and why. */
int compare_check(struct compare *compare, const struct compare_options *options, char *why);
/* Verdicts of all cells; `force`: also where others were at work. -ENOMEM. */
int compare_judge(struct compare *compare, bool force);
/* Of this side's run nothing can be said beside the base's: others were at work. */
bool compare_is_busy(const struct compare *compare, size_t side);
int compare_csv(const struct compare *compare, FILE *out);

#endif
