/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The argument of EXITSTORM_START, for programs that start a run without the command. */
#ifndef TESTS_BEDS_LINUX_START_H
#define TESTS_BEDS_LINUX_START_H

#include "../../../bench/module/uapi.h"

/* One repeat on one CPU, without a storm yet. */
static inline void plan_begin(struct wire_plan *plan, u64 exits, u32 warmup)
{
	*plan = (struct wire_plan){
		.size = sizeof(*plan),
		.tables = wire_tables(),
		.cpus = 1,
		.repeats = 1,
		.plan = {.exits = exits, .warmup = warmup, .repeats = 1, .vcpus = 1},
	};
}

static inline struct exitstorm_start start_of(const struct wire_plan *plan, u32 seconds)
{
	return (struct exitstorm_start){
		.size = sizeof(struct exitstorm_start),
		.version = EXITSTORM_VERSION,
		.plan = (u64)plan,
		.plan_bytes = sizeof(*plan),
		.seconds = seconds,
	};
}

#endif
