/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quantiles of a series, from its run's histograms. */
#ifndef ANALYSIS_PLOT_QUANTILES_H
#define ANALYSIS_PLOT_QUANTILES_H

#include "figure.h"

/* Sets a series' quantiles from min to max, and returns its histogram. 0 or -errno, and `why`. */
int plot_load(const struct figure *figure, struct series *series, struct histogram *histogram,
	      char *why);
/* Sets a series' centres of p50 and p99, and their intervals. */
void plot_centres(const struct figure *figure, struct series *series);

#endif
