/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of -k timeline, scaling, sweep and generations, as plot_kind.data. */
#ifndef ANALYSIS_PLOT_LINES_H
#define ANALYSIS_PLOT_LINES_H

#include "figure.h"

int plot_data_timeline(const struct figure *figure, const struct series *series,
		       const struct histogram *histogram, FILE *file, char *why);
int plot_data_line(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why);
int plot_data_generations(const struct figure *figure, const struct series *series,
			  const struct histogram *histogram, FILE *file, char *why);

#endif
