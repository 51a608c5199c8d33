/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was counted of a storm, over its vCPUs and repeats, and run.json's counters{} of it. */
#ifndef BENCH_SESSION_COUNTER_TOTALS_H
#define BENCH_SESSION_COUNTER_TOTALS_H

#include <jansson.h>

#include "../../trace/counters.h"

struct tally {
	u32 values;
	struct counter_value value[COUNTERS_VALUES];
};

/* Of one vCPU in one repeat; the same events each time. */
void tally_add(struct tally *tally, const struct counter_value *value, u32 count);
json_t *tally_json(const struct tally *tally, u64 operations, u64 exits);

#endif
