/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs as one HTML page that needs nothing else: no network, nothing runs in it but its own script,
 * which sorts the tables.
 */
#ifndef ANALYSIS_REPORT_REPORT_H
#define ANALYSIS_REPORT_REPORT_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * run[base]: what those with its clock are compared with; others are with the first that has
 * theirs. 0, or -errno and one line in `why`. `note`: which figures are left out and why, or "".
 */
int report_write(struct run *const *run, size_t runs, size_t base, FILE *out, char *note,
		 char *why);

#endif
