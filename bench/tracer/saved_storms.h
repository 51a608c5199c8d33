/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The storms of a trace that is saved as a run: one per exit reason; an interval is a repeat. */
#ifndef BENCH_TRACER_SAVED_STORMS_H
#define BENCH_TRACER_SAVED_STORMS_H

#include "../../trace/sparse.h"
#include "aggregate.h"
#include "reasons.h"

/* The time of one exit; only for traces with all single exits. */
struct timed {
	u64 ticks;
	u16 vcpu;
};

struct saved_storm {
	char name[REASON_NAME];
	enum trace_space space;
	u32 isa, reason;
	u64 exits; /* number of single exits so far */
	u32 records;
	struct record *record; /* buffered, not written yet */
	struct timed *timed;   /* of the current repeat */
	size_t timeds, room;
	json_t *repeats;		 /* repeats[] of run.json */
	struct times now[TRACE_LEGS];	 /* of the current repeat, ns */
	struct sparse whole[TRACE_LEGS]; /* of all repeats before it, ticks */
};

struct save {
	bool every; /* TRACE_AFTER is made from the single exits: exact, and per vCPU */
	struct run_writer *writer;
	struct histogram *histogram; /* scratch */
	double ticks_per_ns;
	struct anchor {
		u64 ns, ticks, error; /* one moment on CLOCK_MONOTONIC and on the TSC; ticks */
	} anchor[2];		      /* events are between the last two, or soon after */
	u64 clock_error;	      /* ticks, the maximum of all anchors */
	u32 repeats;		      /* written so far */
	double seconds, longest;      /* length of the current repeat; of the longest interval */
	struct saved_storm **storm;
	u32 storms;
};

extern const enum leg saved_leg[TRACE_LEGS]; /* LEGS: not a leg of a run */

/* Finds or adds the storm of this reason. NULL: no memory. */
struct saved_storm *saved_storm(struct save *save, enum trace_space space, u32 isa, u32 reason);
/* Writes the histograms of the repeat under way and starts the next. -errno and why. */
int saved_storms_end_repeat(struct save *save, char *why);
void saved_storms_free(struct save *save);

#endif
