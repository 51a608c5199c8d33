/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf events of one thread: PMU, software, tracepoints, by libperf. Guest and host are counted
 * apart where the PMU can. Not freestanding.
 */
#ifndef TRACE_COUNTERS_H
#define TRACE_COUNTERS_H

#include "counter_list.h"
#include "types.h"

/* One event on one side. */
struct counter_value {
	char name[COUNTERS_NAME];
	enum counter_side side;
	bool counted;
	double count; /* sum over all batches; scaled by enabled_ns / running_ns */
	double empty; /* mean count of an empty batch */
	u64 batches;
	u64 enabled_ns, running_ns; /* running < enabled: it was multiplexed with other events */
	char why[COUNTERS_WHY];	    /* not counted: why */
};
#define COUNTERS_VALUES (COUNTERS_MAX * COUNTER_SIDES)

struct counters;

/* NULL, or the reason why this build has no counters. */
extern const char *const counters_missing;

/* The name of entry `index` of counters.def; NULL: past the last. */
const char *counters_name(u32 index);
/* Checks a list such as "cycles,instructions:k,kvm:kvm_exit": 0, or -EINVAL and why. */
int counters_check(const char *list, char *why);

/*
 * For the calling thread, which alone may call begin and end. An event that cannot be counted on
 * this machine is no error: its value has the reason. -ENOMEM, -EINVAL.
 */
int counters_open(struct counters **counters, const char *list, char *why);
void counters_close(struct counters *counters); /* NULL is fine */
void counters_begin(struct counters *counters);
void counters_end(struct counters *counters);
/* How many of value[COUNTERS_VALUES] were filled. */
u32 counters_read(struct counters *counters, struct counter_value *value);

#endif
