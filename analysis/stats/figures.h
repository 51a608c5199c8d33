/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figure of each leg: one estimator for tables, figures, reports, comparisons and JSON. */
#ifndef ANALYSIS_STATS_FIGURES_H
#define ANALYSIS_STATS_FIGURES_H

#include "../../results/run.h"

/*
 * Sets leg->figure[] and the interval of p50 of all storms with figures. p50: the centre
 * (sample_centre()) of the repeats' medians of clean records, where more than half of the repeats
 * have some, else of all records. p99 and p99.9: of all records, because a disturbance belongs to
 * the tail. 0; -ENOMEM; -errno: histograms cannot be read.
 */
int figures_fill(struct run *run, char *why);
/*
 * Sets them from run.json, without reading arrays, as they were made when the run was written.
 * False: some storm has no such figures in run.json (earlier versions wrote none).
 */
bool figures_read(struct run *run);
/* As figures_fill(), for a run that is about to be written (run_complete_by()), also in run->json.
 */
int figures_complete(struct run *run, char *why);
/* run_open() and figures_fill(). */
int figures_open(const char *path, struct run **run, char *why);
/*
 * A leg's p50 in ticks. A run that does not say what its repeats were, or whose figures are
 * recounted from samples, has the median of all its records.
 */
double figures_p50(const struct run_leg *leg);
/* The same for p99 or p99.9; NAN: too few records. */
double figures_tail(const struct run_leg *leg, enum run_quantile quantile);
/* Half of the 95 % interval in percent of its centre on the logarithmic scale. NAN: none. */
double figures_half(double low, double high);

#endif
