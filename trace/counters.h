/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of perf events for one thread: PMU, software, tracepoints, by libperf. Guest and host
 * are counted apart where the hardware can. Not freestanding.
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
	double count; /* between begin and end, all of them added up; scaled where it shared a PMU
		       */
	double empty; /* what a begin with its end right behind it counts, mean */
	u64 batches;  /* begins */
	u64 enabled_ns, running_ns; /* running less than enabled: it shared a PMU with others */
	char why[COUNTERS_WHY];	    /* not counted: why, in words */
};
#define COUNTERS_VALUES (COUNTERS_MAX * COUNTER_SIDES)

struct counters;

/* NULL, or why this build cannot count. */
extern const char *const counters_missing;

/* The name of event number `index` that has one of its own; NULL: no more. */
const char *counters_name(u32 index);
/* "cycles,instructions:k,kvm:kvm_exit". -EINVAL and why: it is no such list. */
int counters_check(const char *list, char *why);

/*
 * For the calling thread, which is the one that may begin and end. An event that cannot be counted
 * here is no error: its value says why. -ENOMEM, -EINVAL.
 */
int counters_open(struct counters **counters, const char *list, char *why);
void counters_close(struct counters *counters); /* NULL is fine */
void counters_begin(struct counters *counters);
void counters_end(struct counters *counters);
/* How many of value[COUNTERS_VALUES] were filled. */
u32 counters_read(struct counters *counters, struct counter_value *value);

#endif
