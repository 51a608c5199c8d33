/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The axes of a figure, their ranges and tics: of ticks or time, and of the runs' places. */
#ifndef ANALYSIS_PLOT_AXES_H
#define ANALYSIS_PLOT_AXES_H

#include "figure.h"

void plot_axes(const struct figure *figure, FILE *file);

#endif
