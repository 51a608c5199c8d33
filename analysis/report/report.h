/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs as one self-contained HTML page: no network access, and no script but its own, which sorts
 * the tables.
 */
#ifndef ANALYSIS_REPORT_REPORT_H
#define ANALYSIS_REPORT_REPORT_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * Runs are compared with run[base], or with the first run that has their clock. 0, or -errno and
 * one line in `why`. `note`: which figures are left out and why, or "".
 */
int report_write(struct run *const *run, size_t runs, size_t base, FILE *out, char *note,
		 char *why);

#endif
