/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saves a trace as a run: an exit reason is a storm, an interval a repeat, a thread a vCPU. */
#ifndef BENCH_TRACER_SAVE_H
#define BENCH_TRACER_SAVE_H

#include "save_json.h"

struct save;

/* every: all exits are also reported to save_event(). 0, or -errno and why (RUN_WHY bytes). */
int save_open(const char *path, bool every, struct save **save, char *why);
/* Reads the clocks anew: before events are reported that have come since the last time. */
void save_anchor(struct save *save);
/* Adds the last interval of the aggregate. -errno and why. */
int save_interval(struct save *save, const struct aggregate *aggregate, char *why);
/*
 * Writes run.json and renames the folder to its path, which *path (allocated, may be NULL) is set
 * to. Frees save in any case. -errno and why.
 */
int save_commit(struct save *save, const struct aggregate *aggregate,
		const struct save_about *about, char **path, char *why);
/* Removes the folder and frees save, which may be NULL. */
void save_abort(struct save *save);

#endif
