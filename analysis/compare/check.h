/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can these runs be compared, and in which unit? */
#ifndef ANALYSIS_COMPARE_CHECK_H
#define ANALYSIS_COMPARE_CHECK_H

#include "comparison.h"

/*
 * Sets the unit, and `forced` to the differences that options->force ignores. 0, or -EDOM and
 * why.
 */
int compare_check(struct compare *compare, const struct compare_options *options, char *why);

#endif
