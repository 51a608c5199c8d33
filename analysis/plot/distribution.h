/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of -k cdf and -k box, as plot_kind.data. */
#ifndef ANALYSIS_PLOT_DISTRIBUTION_H
#define ANALYSIS_PLOT_DISTRIBUTION_H

#include "figure.h"

int plot_data_cdf(const struct figure *figure, const struct series *series,
		  const struct histogram *histogram, FILE *file, char *why);
int plot_data_box(const struct figure *figure, const struct series *series,
		  const struct histogram *histogram, FILE *file, char *why);

#endif
