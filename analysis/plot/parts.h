/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of -k legs: bars whose parts are legs, end to end. */
#ifndef ANALYSIS_PLOT_PARTS_H
#define ANALYSIS_PLOT_PARTS_H

#include "figure.h"

#define PLOT_PARTS 8
int plot_data_legs(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why);
bool plot_has_parts(const struct run_storm *storm);
/* The parts that any bar of the figure has, in their order, into leg[PLOT_PARTS]; their number. */
size_t plot_parts(const struct figure *figure, enum leg *leg);
/* Their names and colours, for the legend; the names into words[], too. */
void plot_put_parts(const struct figure *figure, FILE *file, char *words, size_t size);
double plot_parts_sum(const struct series *series);
/* The leg that stands for the whole series: the figure's, but of a bar without it another. */
enum leg plot_leg(const struct figure *figure, const struct run_storm *storm);

#endif
