/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The aggregate summed by VM, by vCPU, or over all: one table each. */
#ifndef BENCH_TRACER_VCPU_GROUPS_H
#define BENCH_TRACER_VCPU_GROUPS_H

#include "aggregate.h"
#include "reasons.h"

enum group_by { BY_VM, BY_VCPU, BY_ALL };

/* An exit reason with its legs. */
struct reason_row {
	u32 reason, isa;
	enum trace_space space;
	u64 exits;
	struct times leg[TRACE_LEGS];
};

struct vcpu_group {
	char title[160];
	u32 key; /* BY_VM: the VM's number, BY_VCPU: the slot, BY_ALL: 0 */
	u32 vcpus;
	double vcpu_seconds;	 /* sum of the vCPUs' life times since they were first seen */
	struct reason_row **row; /* TRACE_HARDWARE before TRACE_KVM, then by falling time */
	u32 rows;
};

struct vcpu_groups {
	struct vcpu_group *group;
	u32 count;
};

/* total: of the whole trace, else of the last interval. -ENOMEM. */
int vcpu_groups_make(struct vcpu_groups *groups, const struct aggregate *aggregate,
		     enum group_by by, bool total);
void vcpu_groups_free(struct vcpu_groups *groups);

/* The leg shown for the exit: TRACE_AFTER; with a single hook TRACE_PERIOD. */
const struct times *reason_row_times(const struct reason_row *row, enum trace_leg *leg);

#endif
