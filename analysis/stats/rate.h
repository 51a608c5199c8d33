/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often an event happens: the interval of a proportion. */
#ifndef ANALYSIS_STATS_RATE_H
#define ANALYSIS_STATS_RATE_H

#include <stddef.h>

/*
 * 95 % interval of `hits` in `tries` independent ones, exact: C. J. Clopper, E. S. Pearson, "The
 * use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
 * (1934). 0 to 1 for no tries.
 */
void rate_interval(size_t hits, size_t tries, double *low, double *high);

#endif
