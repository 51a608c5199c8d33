/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the eBPF programs counted, taken up at intervals: for each thread, reason and leg what was
 * since the last look and what was in all. Nanoseconds.
 */
#ifndef BENCH_TRACER_AGGREGATE_H
#define BENCH_TRACER_AGGREGATE_H

#include "../../results/run.h"
#include "../../trace/kvm_trace.h"

struct times {
	u64 exits, count, sum;
	u64 min, max; /* 0 while count is 0; of the last interval: of its buckets' ends */
	u64 bucket[TRACE_BUCKETS];
};

struct series {
	u16 slot;
	u8 space, leg;
	u32 reason, isa;
	struct times last, total;
	u64 exits, sum;		   /* the kernel's, as they were when last looked at */
	u32 bucket[TRACE_BUCKETS]; /* likewise */
};

/* A thread that enters a guest. */
struct traced_thread {
	u16 slot;
	u32 pid, tid, vm;	   /* vm: 1, 2 … in the order that they were seen */
	s32 vcpu_id;		   /* -1: not known */
	bool gone;		   /* it has ended */
	double life, total_life;   /* s, of the last interval and of all: since it was first seen */
	char comm[TRACE_COMM + 1]; /* the thread's name */
	char process[TRACE_COMM + 1]; /* its process's */
};

struct aggregate {
	const struct kvm_trace *trace;
	bool wants_exits; /* kvm_exit was asked for */
	struct series **series;
	u32 count;
	struct traced_thread *thread;
	u32 threads, vms;
	u64 vm_key[2 * TRACE_SLOTS];   /* what tells VMs apart; of a thread there may be two */
	u64 looked;		       /* ns, when last; who begins sets it */
	double seconds, total_seconds; /* of the last interval, and of all */
	u32 intervals;
};

/* KVM's own reasons are of no vendor; a thread's may not have been known yet when one was seen. */
static inline u32 aggregate_isa(enum trace_space space, u32 isa)
{
	return space == TRACE_KVM ? 0 : isa;
}

/* now: ns of CLOCK_MONOTONIC. -ENOMEM. */
int aggregate_update(struct aggregate *aggregate, u64 now);
void aggregate_free(struct aggregate *aggregate);
const struct traced_thread *aggregate_thread(const struct aggregate *aggregate,
					     u16 slot); /* NULL: not seen */

void times_add(struct times *into, const struct times *from);
/* Into the histograms that runs have, ns times scale; within a bucket values are spread evenly. */
void times_expand(const struct times *times, double scale, struct histogram *histogram);
/* The value that this part of all is not above; NAN: none. */
double times_quantile(const struct times *times, double q);

#endif
