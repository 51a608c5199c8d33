/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the eBPF programs' histograms at intervals and keeps, per thread, reason and leg, the times
 * of the last interval and of the whole trace.
 */
#ifndef BENCH_TRACER_AGGREGATE_H
#define BENCH_TRACER_AGGREGATE_H

#include "../../results/run.h"
#include "../../trace/kvm_trace.h"
#include "times.h"

/* One histogram of the eBPF programs: of a thread, a reason and a leg. */
struct series {
	u16 slot;
	u8 space, leg;
	u32 reason, isa;
	struct times last, total;
	u64 exits, sum;		   /* the eBPF program's values at the last update */
	u32 bucket[TRACE_BUCKETS]; /* the same; they may wrap */
};

/* A thread that enters guests: a vCPU. */
struct traced_thread {
	u16 slot;
	u32 pid, tid; /* as getpid() numbers them; pid 0: of another PID namespace, and tid is the
			 kernel's */
	u32 vm;	      /* numbered from 1 in the order of their first exits */
	s32 vcpu_id;  /* -1: not known, or several */
	bool several; /* it has run more than one vCPU */
	bool gone;    /* the thread has ended */
	double life, total_life;      /* s since it was first seen: in the last interval; in all */
	char comm[TRACE_COMM + 1];    /* the thread's name */
	char process[TRACE_COMM + 1]; /* its process's */
};

struct aggregate {
	const struct kvm_trace *trace;
	bool wants_exits; /* the hook kvm_exit is requested */
	bool anonymous;	  /* outputs tell no process, pid and tid */
	struct series **series;
	u32 count;
	struct traced_thread *thread;
	u32 threads, vms;
	u64 vm_key[2 * TRACE_SLOTS];   /* of each VM, see key_of(); a thread can cause two */
	u64 updated;		       /* ns, last update; set it to the trace's start at first */
	double seconds, total_seconds; /* of the last interval; in all */
};

/* KVM's own exit reasons are the same on both vendors: their isa is 0, even if it is known. */
static inline u32 aggregate_isa(enum trace_space space, u32 isa)
{
	return space == TRACE_KVM ? 0 : isa;
}

/* Ends an interval. now: ns of CLOCK_MONOTONIC. -ENOMEM. */
int aggregate_update(struct aggregate *aggregate, u64 now);
void aggregate_free(struct aggregate *aggregate);
/*
 * The index in thread[] of a slot's thread, which is added if it is new: an event can be the first
 * that is seen of a thread. -ENOMEM.
 */
int aggregate_add_thread(struct aggregate *aggregate, u16 slot);
const struct traced_thread *aggregate_thread(const struct aggregate *aggregate,
					     u16 slot); /* NULL: no exit seen yet */

#endif
