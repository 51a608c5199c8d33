/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The range of the axis of ticks or time. */
#ifndef ANALYSIS_PLOT_RANGE_H
#define ANALYSIS_PLOT_RANGE_H

#include "figure.h"

/* Sets low, high, end and log. The series must be loaded. */
void plot_range(struct figure *figure);

#endif
