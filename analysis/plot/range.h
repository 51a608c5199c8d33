/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The range of the axis of what was measured. */
#ifndef ANALYSIS_PLOT_RANGE_H
#define ANALYSIS_PLOT_RANGE_H

#include "figure.h"

/* Sets low, high, end and log, of series that plot_load has filled. */
void plot_range(struct figure *figure);

#endif
