/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures of runs, drawn by gnuplot from the scripts in analysis/figures/, which are embedded. Each
 * figure names its target, host, clock and plan.
 */
#ifndef ANALYSIS_PLOT_PLOT_H
#define ANALYSIS_PLOT_PLOT_H

#include "format.h"
#include "kinds.h"
#include "request.h"

/*
 * 0, or -errno and one line in `why`. `note` says which storms were left out and why, or is "".
 * Both have RUN_WHY bytes. -EDOM: the runs or storms cannot share a figure. -ENODATA:
 * they have no data for this kind. -ENOPKG: gnuplot is not installed.
 */
int plot_draw(const struct plot *plot, struct run *const *run, size_t runs, char *note, char *why);

#endif
