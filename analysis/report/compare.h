/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs beside each other on the page: how they differ, ratios, and their figures. */
#ifndef ANALYSIS_REPORT_COMPARE_H
#define ANALYSIS_REPORT_COMPARE_H

#include "figure.h"

/*
 * Runs of one clock are compared with run[base], or with the first that has their clock. 0, or
 * -errno and `why`.
 */
int report_compare(struct run **run, size_t runs, size_t base, struct report_figures *figures,
		   FILE *out, char *why);

#endif
