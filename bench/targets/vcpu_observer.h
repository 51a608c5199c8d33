/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Observes a vCPU's thread during a storm's batches: event counters, and stamps in the kernel. */
#ifndef BENCH_TARGETS_VCPU_OBSERVER_H
#define BENCH_TARGETS_VCPU_OBSERVER_H

#include "../../trace/counters.h"
#include "../../trace/stamps.h"
#include "../runner/runner.h"

struct vcpu_observer {
	struct runner_observer hooks;
	struct counters *counters; /* NULL: the plan asks for none */
	struct stamps *stamps;	   /* of the whole VM; NULL: the plan asks for none */
	u32 slot;		   /* this thread's, in stamps */
};

/*
 * Sets runner->observer if the runner's plan asks for counters or kernel stamps. Like the functions
 * below it must be called in the thread that runs the vCPU. stamps may be NULL. -errno and why.
 */
int vcpu_observer_open(struct vcpu_observer *observer, struct runner *runner, struct stamps *stamps,
		       char *why);
/* Passes the counters to the runner's sink. Call it after runner_run. Returns as the sink does. */
int vcpu_observer_report(struct vcpu_observer *observer, const struct runner *runner);
void vcpu_observer_close(struct vcpu_observer *observer);

#endif
