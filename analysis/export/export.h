/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of a run, for programs that do not read .npy. */
#ifndef ANALYSIS_EXPORT_EXPORT_H
#define ANALYSIS_EXPORT_EXPORT_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * One line per record of all storms that have samples: storm, the columns of samples/, the legs of
 * its stamps. Memory does not grow with the records. 0, or -errno and why; -ENODATA: there are no
 * samples. The caller checks `out` for write errors.
 */
int export_csv(const struct run *run, FILE *out, char *why);

/*
 * The same records as trace-event JSON (Perfetto, chrome://tracing): a process per storm, a track
 * each for guest, kernel and user of a vCPU. Time is in us since the first record; where the clock
 * is an emulator's, one tick is shown as 1 us.
 */
int export_perfetto(const struct run *run, FILE *out, char *why);

/* 0; -ENODATA, and why: no storm has samples. */
int export_check(const struct run *run, char *why);

#endif
