/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do several runs measure the same? */
#ifndef ANALYSIS_SHOW_REPEATED_H
#define ANALYSIS_SHOW_REPEATED_H

#include "../../results/run.h"

/*
 * -EDOM and why: the runs differ in target, CPU, clock or a setting other than `varied` (NULL:
 * none), so they do not repeat one measurement. 0.
 */
int show_repeated(struct run *const *run, size_t runs, const char *varied, char *why);

#endif
