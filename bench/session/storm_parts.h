/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results of one storm in a run, collected over its vCPUs and repeats. */
#ifndef BENCH_SESSION_STORM_PARTS_H
#define BENCH_SESSION_STORM_PARTS_H

#include <jansson.h>

#include "../../trace/sparse.h"
#include "../runner/runner.h"
#include "counter_totals.h"

/* One vCPU in one repeat. */
struct part {
	struct storm_result result;
	double p50[LEGS][2]; /* ticks, [leg][clean]; NAN: none */
};

struct storm_parts {
	bool expected; /* it is part of the run even without a result */
	enum storm_status status;
	char why[HV_WHY];
	size_t parts, room;
	struct part *part; /* in the order of their arrival */
	u32 repeats, vcpus;
	u32 *number; /* number[repeat * vcpus + vcpu]: 1 + index in part[]; 0: none yet */
	struct sparse histogram[LEGS][2]; /* of all parts, [leg][clean] */
	json_t *controls;		  /* that differ from collect.controls; NULL: none */
	struct counter_totals totals;
};

#endif
