/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records that a run kept, for programs that do not read .npy. */
#ifndef ANALYSIS_EXPORT_EXPORT_H
#define ANALYSIS_EXPORT_EXPORT_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * One line a record: storm, the columns of samples/, the legs of its stamps. Streamed. storm NULL:
 * all that have samples. -ENODATA: there are none. What became of `out` is the caller's to ask.
 */
int export_csv(const struct run *run, const char *storm, FILE *out, char *why);

/*
 * The same records on a time line, as trace-event JSON (Perfetto, chrome://tracing): a process a
 * storm, a track each for guest, kernel and user of a vCPU. Time is in us since the first record;
 * where the clock is an emulator's, a tick is shown as one.
 */
int export_perfetto(const struct run *run, const char *storm, FILE *out, char *why);

/* Both: -ENOENT, -ENODATA and why, where `storm` (NULL: any) has no samples. */
int export_check(const struct run *run, const char *storm, char *why);
bool export_wanted(const struct run_storm *storm, const char *name);

#endif
