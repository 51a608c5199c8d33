/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event counters of a storm, summed over its vCPUs and repeats, and counters{} of run.json. */
#ifndef BENCH_SESSION_COUNTER_TOTALS_H
#define BENCH_SESSION_COUNTER_TOTALS_H

#include <jansson.h>

#include "../../trace/counters.h"

struct counter_totals {
	u32 values;
	struct counter_value value[COUNTERS_VALUES];
};

/* Adds the values of one vCPU in one repeat. Each call has the same events. */
void counter_totals_add(struct counter_totals *totals, const struct counter_value *value,
			u32 count);
/* A new reference. operations, exits: of the storm; 0: there is no value per exit. */
json_t *counter_totals_json(const struct counter_totals *totals, u64 operations, u64 exits);

#endif
