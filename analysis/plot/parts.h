/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of -k legs: bars whose parts are legs, end to end. */
#ifndef ANALYSIS_PLOT_PARTS_H
#define ANALYSIS_PLOT_PARTS_H

#include "figure.h"

#define PLOT_PARTS 8
int plot_data_legs(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why);
bool plot_has_parts(const struct run_storm *storm);
/* Sets leg[PLOT_PARTS] to the parts that any bar of the figure has, in order; returns how many. */
size_t plot_parts(const struct figure *figure, enum leg *leg);
/* Writes the parts' names and colours for the legend, and their names into words[]. */
void plot_put_parts(const struct figure *figure, FILE *file, char *words, size_t size);
double plot_parts_sum(const struct series *series);
/* The leg whose histogram stands for a series: the figure's, or in_kernel for a bar without it. */
enum leg plot_leg(const struct figure *figure, const struct run_storm *storm);

#endif
