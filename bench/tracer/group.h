/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was gathered, summed up for people: by VM, by vCPU, or all in one. */
#ifndef BENCH_TRACER_GROUP_H
#define BENCH_TRACER_GROUP_H

#include "aggregate.h"
#include "reasons.h"

enum watch_by { BY_VM, BY_VCPU, BY_ALL };

/* A reason with its legs. */
struct watch_row {
	u32 reason, isa;
	enum trace_space space;
	u64 exits;
	struct times leg[TRACE_LEGS];
};

struct watch_group {
	char title[160];
	u32 key; /* VM's number, or slot */
	u32 vcpus;
	double vcpu_seconds; /* that the vCPUs were there, since each was first seen */
	struct watch_row **row; /* hardware's first, then by time, most first */
	u32 rows;
};

struct watch_groups {
	struct watch_group *group;
	u32 count;
};

/* total: of all that was seen; else of the last interval. -ENOMEM. */
int watch_groups_make(struct watch_groups *groups, const struct gather *gather, enum watch_by by,
		      bool total);
void watch_groups_free(struct watch_groups *groups);

/* The leg whose times stand for the exit: AFTER, or PERIOD where one hook is all there is. */
const struct times *watch_main(const struct watch_row *row, enum trace_leg *leg);

#endif
