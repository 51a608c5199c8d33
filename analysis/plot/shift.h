/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of -k shift, as plot_kind.data: a line per quantile, its change and 95 % in percent. */
#ifndef ANALYSIS_PLOT_SHIFT_H
#define ANALYSIS_PLOT_SHIFT_H

#include "figure.h"

int plot_data_shift(const struct figure *figure, const struct series *series,
		    const struct histogram *histogram, FILE *file, char *why);

#endif
