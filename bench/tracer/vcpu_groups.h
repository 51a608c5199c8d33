/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was gathered, summed up for people: by VM, by vCPU, or all in one. */
#ifndef BENCH_TRACER_VCPU_GROUPS_H
#define BENCH_TRACER_VCPU_GROUPS_H

#include "aggregate.h"
#include "reasons.h"

enum group_by { BY_VM, BY_VCPU, BY_ALL };

/* A reason with its legs. */
struct reason_row {
	u32 reason, isa;
	enum trace_space space;
	u64 exits;
	struct times leg[TRACE_LEGS];
};

struct vcpu_group {
	char title[160];
	u32 key; /* VM's number, or slot */
	u32 vcpus;
	double vcpu_seconds;	 /* that the vCPUs were there, since each was first seen */
	struct reason_row **row; /* hardware's first, then by time, most first */
	u32 rows;
};

struct vcpu_groups {
	struct vcpu_group *group;
	u32 count;
};

/* total: of all that was seen; else of the last interval. -ENOMEM. */
int vcpu_groups_make(struct vcpu_groups *groups, const struct aggregate *aggregate,
		     enum group_by by, bool total);
void vcpu_groups_free(struct vcpu_groups *groups);

/* The leg whose times stand for the exit: AFTER, or PERIOD where one hook is all there is. */
const struct times *reason_row_times(const struct reason_row *row, enum trace_leg *leg);

#endif
