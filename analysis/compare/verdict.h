/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdicts of a comparison's cells, which are one family of tests. */
#ifndef ANALYSIS_COMPARE_VERDICT_H
#define ANALYSIS_COMPARE_VERDICT_H

#include "comparison.h"

/* Verdicts of all cells; `force`: also where others were at work. -ENOMEM. */
int compare_decide(struct compare *compare, bool force);
/* Of this input's run nothing can be said beside the base's: others were at work. */
bool compare_is_busy(const struct compare *compare, size_t input);
/* Storms that are slower by more than this many percent. */
size_t compare_regressions(const struct compare *compare, double percent);
size_t compare_unclear(const struct compare *compare, enum unclear_reason reason);

#endif
