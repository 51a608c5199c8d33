/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words and numbers of a figure, as assignments that gnuplot loads before the script. */
#ifndef ANALYSIS_PLOT_VALUES_H
#define ANALYSIS_PLOT_VALUES_H

#include "figure.h"

/* 0 or -errno. */
int plot_values(const struct figure *figure, FILE *file);

#endif
