/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which storms and legs the inputs share. */
#ifndef ANALYSIS_COMPARE_ROWS_H
#define ANALYSIS_COMPARE_ROWS_H

#include "comparison.h"

/*
 * Adds a row for each storm and leg that the base and another input have; notes what is not
 * compared and why. 0 or -errno, and `why`.
 */
int compare_add_storms(struct compare *compare, const struct compare_options *options, char *why);

#endif
