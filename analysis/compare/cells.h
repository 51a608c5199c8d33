/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a row: medians, tails, and the shift of each input against the base. */
#ifndef ANALYSIS_COMPARE_CELLS_H
#define ANALYSIS_COMPARE_CELLS_H

#include "comparison.h"

/* The unit per tick of this storm; NAN: not known. */
double compare_factor(const struct compare *compare, const struct run *run,
		      const struct run_storm *storm);
/*
 * Fills the cells that are `there`. An input without usable values is noted as omitted. 0, or
 * -errno and `why`.
 */
int compare_fill_row(struct compare *compare, struct compare_row *row, char *why);

#endif
