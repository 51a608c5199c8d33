/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The summary of a run for programs. Return 0 or -ENOMEM; the caller checks `out`. */
#ifndef ANALYSIS_SHOW_EXPORT_H
#define ANALYSIS_SHOW_EXPORT_H

#include <stdio.h>

#include "../../results/run.h"

/* One line for each storm, leg, and all or clean records. */
int show_csv(const struct run *run, FILE *out);
/* One document, "exitstorm-show/1". */
int show_json(const struct run *run, FILE *out);

#endif
