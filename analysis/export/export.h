/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of a run, for programs that do not read .npy. */
#ifndef ANALYSIS_EXPORT_EXPORT_H
#define ANALYSIS_EXPORT_EXPORT_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * One line per record: storm, the columns of samples/, the legs of its stamps. Memory does not grow
 * with the records. `storm` NULL: all storms that have samples. 0, or -errno and why; -ENODATA:
 * there are no samples. The caller checks `out` for write errors.
 */
int export_csv(const struct run *run, const char *storm, FILE *out, char *why);

/*
 * The same records as trace-event JSON (Perfetto, chrome://tracing): a process per storm, a track
 * each for guest, kernel and user of a vCPU. Time is in us since the first record; where the clock
 * is an emulator's, one tick is shown as 1 us.
 */
int export_perfetto(const struct run *run, const char *storm, FILE *out, char *why);

/* 0; -ENOENT or -ENODATA, and why: `storm` (NULL: any) is not there or has no samples. */
int export_check(const struct run *run, const char *storm, char *why);
bool export_wanted(const struct run_storm *storm, const char *name);

#endif
