/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run's tables on the page. `index` counts the runs of the page from 0. */
#ifndef ANALYSIS_REPORT_TABLES_H
#define ANALYSIS_REPORT_TABLES_H

#include <stdio.h>

#include "../../results/run.h"

void report_storms(const struct run *run, size_t index, FILE *out);
/* Legs by the kernel's stamps. Prints nothing if the run has none. */
void report_kernel(const struct run *run, size_t index, FILE *out);
void report_environment(const struct run *run, FILE *out);

#endif
