/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records that a run kept, for programs that do not read .npy. */
#ifndef ANALYSIS_EXPORT_H
#define ANALYSIS_EXPORT_H

#include <stdio.h>

#include "../results/run.h"

/*
 * One line a record: storm, the columns of samples/, the legs of its stamps. Streamed. storm NULL:
 * all that have samples. -ENODATA: there are none. What became of `out` is the caller's to ask.
 */
int export_csv(const struct run *run, const char *storm, FILE *out, char *why);

#endif
