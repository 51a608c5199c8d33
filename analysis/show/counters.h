/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of the PMU per operation, guest and host apart. */
#ifndef ANALYSIS_SHOW_COUNTERS_H
#define ANALYSIS_SHOW_COUNTERS_H

#include <stdio.h>

#include "../../results/run.h"
#include "../output/table.h"

bool show_has_counters(const struct run *run);
/* NULL: no memory. */
struct table *show_counters(const struct run *run);
/* A line for each reason why events were not counted. */
void show_uncounted(const struct run *run, FILE *out);

#endif
