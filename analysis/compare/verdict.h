/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdicts of a comparison's cells. */
#ifndef ANALYSIS_COMPARE_VERDICT_H
#define ANALYSIS_COMPARE_VERDICT_H

#include "comparison.h"

/* Decides the verdicts of all cells. `force`: also where other load ran. 0 or -ENOMEM. */
int compare_decide(struct compare *compare, bool force);
/* Other load makes a comparison of this input with the base useless. */
bool compare_is_busy(const struct compare *compare, size_t input);
/* How many comparisons are slower by more than this many percent. */
size_t compare_regressions(const struct compare *compare, double percent);
/* How many comparisons have no verdict and may be slower by more than this many percent. */
size_t compare_doubtful(const struct compare *compare, double percent);
bool compare_is_doubtful(const struct compare_cell *cell, double percent);
/* Was this storm measured in the base, and is not in another input? */
bool compare_is_lost(const struct compare *compare, const struct compare_omitted *omitted);
size_t compare_lost(const struct compare *compare);
size_t compare_unclear(const struct compare *compare, enum unclear_reason reason);
/* How many comparisons have this verdict, and how many there are. */
size_t compare_verdicts(const struct compare *compare, enum verdict verdict);
size_t compare_cells(const struct compare *compare);

#endif
