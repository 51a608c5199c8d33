/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many repeats an experiment needs. */
#ifndef ANALYSIS_STATS_POWER_H
#define ANALYSIS_STATS_POWER_H

#include "inference.h"

/*
 * The number of values in each group (or of pairs) of a fresh experiment that gives a verdict in at
 * least 80 % of tries: the interval within +-margin, or p below `alpha`. More than shift->n.
 * INFINITY: no number does, the blur is too large; NAN: no spread is known.
 */
double shift_needed(const struct shift *shift, double margin, double alpha);
/*
 * The smallest difference, as a logarithm, that a fresh experiment with `n` values in each group
 * (or pairs) of the spread that was seen calls different in four of five tries. NAN: no spread is
 * known.
 */
double shift_detectable(const struct shift *shift, double n, double alpha);

#endif
