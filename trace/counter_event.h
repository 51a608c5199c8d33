/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the name of a perf event to what the kernel calls it. */
#ifndef TRACE_COUNTER_EVENT_H
#define TRACE_COUNTER_EVENT_H

#include <linux/perf_event.h>

#include "counter_list.h"
#include "types.h"

/* Whom an event can be counted of. */
enum counter_sides { COUNTER_SIDES_APART, COUNTER_SIDES_HOST, COUNTER_SIDES_BOTH };

struct counter_event {
	char name[COUNTERS_NAME];
	struct perf_event_attr attr; /* type, config, exclude_user, exclude_kernel */
	enum counter_sides sides;
	bool pmu; /* of hardware: without a PMU there is none */
};

/*
 * The next word of a list; *list goes behind it. -EINVAL and why: no event is called that. -ENOENT
 * and why: it has the form of one, but this machine has none.
 */
int counter_event_next(const char **list, struct counter_event *event, char *why);

/* An open file below tracefs, mounted or not: -errno. It is mounted for nobody else. */
int counter_tracefs_open(const char *path);

#endif
