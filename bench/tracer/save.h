/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace as a run folder: a reason is a storm, an interval a repeat, a thread a vCPU. */
#ifndef BENCH_TRACER_SAVE_H
#define BENCH_TRACER_SAVE_H

#include "aggregate.h"

struct save;

struct save_about {
	const char *started; /* as run.json has it */
	u32 hooks;
	double interval;
	bool every;
};

/* every: all exits come by save_event. -errno and why (RUN_WHY). */
int save_open(const char *path, bool every, struct save **save, char *why);
int save_interval(struct save *save, const struct aggregate *aggregate, char *why);
int save_event(struct save *save, const struct aggregate *aggregate,
	       const struct traced_exit *event);
/* Commits, and frees in any case. */
int save_commit(struct save *save, const struct aggregate *aggregate,
		const struct save_about *about, char *why);
void save_abort(struct save *save); /* NULL is fine */

#endif
