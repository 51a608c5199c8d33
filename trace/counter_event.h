/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the name of a perf event to its struct perf_event_attr. */
#ifndef TRACE_COUNTER_EVENT_H
#define TRACE_COUNTER_EVENT_H

#include <linux/perf_event.h>

#include "counter_list.h"
#include "types.h"

/* Where an event can be counted: guest and host apart, host only, both together. */
enum counter_sides { COUNTER_SIDES_APART, COUNTER_SIDES_HOST, COUNTER_SIDES_BOTH };

struct counter_event {
	char name[COUNTERS_NAME];
	struct perf_event_attr attr; /* type, config, exclude_user, exclude_kernel */
	enum counter_sides sides;
	bool pmu; /* needs a hardware PMU */
};

/*
 * Parses the next name of a list and advances *list. -EINVAL and why: not an event's name. -ENOENT
 * and why: well-formed, but this machine does not have the event.
 */
int counter_event_next(const char **list, struct counter_event *event, char *why);

/* config of a cache event (PERF_TYPE_HW_CACHE); false: not the name of one. */
bool counter_cache_name(const char *name, u64 *config);

/* Opens a file of tracefs for reading. Where it is not mounted, by a detached mount. -errno */
int counter_tracefs_open(const char *path);

#endif
