/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is seen of a vCPU's thread from outside the VM while it makes a storm: counters of events,
 * and the kernel's stamps.
 */
#ifndef BENCH_TARGETS_WATCH_H
#define BENCH_TARGETS_WATCH_H

#include "../../trace/counters.h"
#include "../../trace/stamps.h"
#include "../runner/runner.h"

struct watch {
	struct runner_watch hooks;
	struct counters *counters; /* NULL: none are asked for */
	struct stamps *stamps;	   /* of the whole VM; NULL likewise */
	u32 slot;
};

/*
 * Sees to runner->watch, by what the runner's plan asks for. In the thread that is to run it, as
 * are the others. stamps may be NULL. -errno and why.
 */
int watch_open(struct watch *watch, struct runner *runner, struct stamps *stamps, char *why);
/* What was seen, to the runner's sink; after its result. */
int watch_report(struct watch *watch, const struct runner *runner);
void watch_close(struct watch *watch);

#endif
