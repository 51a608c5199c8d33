/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event msr/tsc/ of perf as a clock that eBPF programs can read: it counts TSC ticks from an
 * unknown moment on, its base, which differs from CPU to CPU.
 *
 * Functions return 0, or -errno with the failed step in *step.
 */
#ifndef TRACE_STAMPS_EVENT_H
#define TRACE_STAMPS_EVENT_H

#include "stamps_ring.h"

/* Opens the event on each CPU that is online, and puts it into a map of type PERF_EVENT_ARRAY. */
int stamps_event_open(int map, int *event, int cpus, const char **step);

/*
 * The TSC at which the event of the calling thread's CPU was 0, give or take *error ticks. program:
 * that which fills in *probed when it is test-run. anchor_good: see clock_anchor.
 */
int stamps_event_base(int program, const struct stamps_probe *probed, u32 anchor_good, u64 *base,
		      u32 *error, const char **step);

#endif
