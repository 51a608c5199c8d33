/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one storm on one vCPU for one repeat: warm-up, calibration, control, batches, folding.
 * Freestanding: module, image and process share it. Everything that knows threads, signals or
 * files is in bench/targets.
 *
 * What comes out goes through a run_sink as integers, the same for process, ioctl and wire;
 * percentiles are made from them in analysis.
 */
#ifndef BENCH_RUNNER_RUNNER_H
#define BENCH_RUNNER_RUNNER_H

#include "../../hv/hv.h"
#include "../../trace/histogram.h"
#include "../../trace/record.h"
#include "../plan/plan.h"
#include "../storms/storm.h"
#include "legs.h"

enum storm_status { STORM_MEASURED, STORM_NO_EXIT, STORM_SKIPPED, STORM_FAILED };

/* One storm on one vCPU in one repeat. Ticks are TSC ticks. */
struct storm_result {
	u32 size, storm; /* of this struct; index in storms[] */
	u16 repeat, vcpu;
	s32 status;	       /* enum storm_status */
	u64 asked;	       /* exits that the plan asks for: operations * exits_per_op */
	u64 seen;	       /* exits that were counted for them */
	u64 other;	       /* seen beyond what was asked: interrupts of the host and the like */
	u64 operations;	       /* made and measured */
	u64 disturbed;	       /* records flagged */
	u64 lost;	       /* records whose stamps are missing or out of order */
	u64 aperf, mperf, smi; /* deltas over the measured batches; 0: cannot be read */
	u32 raw_reason;	       /* ~0: not seen from here */
	u32 exits_per_op;
	u32 native;	 /* 1: the guest's instructions ran natively, 0: interpreted, ~0: unknown */
	u32 granularity; /* the step of the clock, in its ticks */
	u32 clocks_differ; /* 1: guest's and host's stamps are of two clocks, no leg has both */
	u32 reserved;
	u64 batch;	    /* operations a batch */
	u64 stamp_overhead; /* ticks of an empty pair of guest stamps, median; 0: no guest stamps */
	u64 control_period; /* ticks an operation of the control loop, without stamps, median */
	u64 control_round_trip; /* the same between stamps, median; 0: no guest stamps */
	char why[HV_WHY];	/* for what is not STORM_MEASURED */
};

struct counter_value; /* trace/counters.h */

struct run_sink {
	int (*result)(void *arg, const struct storm_result *result);
	/* clean: 1 for undisturbed records only, else all. One call a leg, repeat and vCPU. */
	int (*histogram)(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			 const struct histogram *histogram);
	int (*records)(void *arg, const struct storm_result *result, const struct record *records,
		       u32 count);
	/* Values that the runner's observer counted; after the result. NULL: not wanted. */
	int (*counters)(void *arg, const struct storm_result *result,
			const struct counter_value *value, u32 count);
	void *arg;
	/*
	 * The controls of every VM (storm: RUNNER_EVERY_STORM, again with each storm), or those of
	 * a storm's VM that have other values than these. NULL: nobody wants to know.
	 */
	int (*controls)(void *arg, u32 storm, const struct hv_control *controls, u32 count);
};
#define RUNNER_EVERY_STORM ~0U

/* Progress of a run, and the request to stop it. A NULL monitor: neither is wanted. */
struct run_monitor {
	/* Operations done since the last call. */
	void (*progress)(void *arg, u64 operations);
	/* True: end after this batch; the runner returns -ECANCELED. From any thread. */
	bool (*stopped)(void *arg);
	void *arg;
};

static inline void run_progress(const struct run_monitor *monitor, u64 operations)
{
	if (monitor)
		monitor->progress(monitor->arg, operations);
}

static inline bool run_stopped(const struct run_monitor *monitor)
{
	return monitor && monitor->stopped(monitor->arg);
}

/* The result of a storm that has not run; .why stays for the caller to fill in. */
static inline struct storm_result storm_result_not_run(u32 storm, u16 repeat,
						       enum storm_status status)
{
	return (struct storm_result){
		.size = sizeof(struct storm_result),
		.storm = storm,
		.repeat = repeat,
		.status = status,
		.native = ~0U,
		.raw_reason = ~0U,
	};
}

/* A place where all members of a group wait for each other. */
struct runner_barrier {
	u32 members;
	u32 arrived, round;
};

/* What the runners of one VM share. Zeroed, then filled by runner_group_init. */
struct runner_group {
	struct runner_barrier all;     /* every vCPU */
	struct runner_barrier senders; /* those that make the storm, not a pair's partners */
	u64 agreed;
	u32 broken;	     /* not 0: a member has ended early, the others are to end, too */
	char why[HV_WHY];    /* why it is broken; written before it */
	void (*relax)(void); /* called again and again while one waits */
	void (*wake)(void *arg, u32 vcpu); /* makes hv_run of another vCPU return: hv_kick there */
	void *arg;
};

/*
 * Histograms for reuse by the next storm: they are large and mostly empty, so clearing the used
 * buckets is cheaper than a new allocation. Zero-initialised; for one runner at a time.
 */
struct histogram_cache {
	struct histogram *spare[2 * LEGS];
	u32 spares;
};
void histogram_cache_free(struct histogram_cache *cache);

/* Batches since the start, for a watchdog: the count stands still when a guest hangs. */
struct runner_heartbeat {
	volatile u64 batches;
	volatile bool entered; /* within hv_run */
};

/*
 * Called in the vCPU's own thread immediately before and after each measured batch of the storm;
 * not for warm-up, calibration and control. For counters and for stamps taken in the kernel.
 */
struct runner_observer {
	void (*begin)(void *arg);
	/* one_clock: guest's and host's stamps are of one. May put the kernel's into the records */
	void (*end)(void *arg, struct record *ring, u32 operations, bool one_clock);
	void *arg;
	bool every_exit; /* the kernel stamps each exit, not only those that a user program sees */
};

struct runner {
	struct hv_vcpu *vcpu;
	const struct storm *storm;
	const struct plan *plan;
	u16 repeat;
	const struct run_sink *sink;
	const struct run_monitor *monitor; /* NULL: none */
	struct runner_group *group;
	struct histogram_cache *cache;		/* NULL: histograms are allocated and freed */
	const struct runner_observer *observer; /* NULL: none */
	struct runner_heartbeat heartbeat;
};

/* Once a VM, before any runner_run. -EOPNOTSUPP: to be skipped. */
int runner_prepare(struct hv_vm *vm, const struct storm *storm, char *why);
/* The same, and tells the sink of the VM's controls. */
int runner_prepare_reported(struct hv_vm *vm, const struct storm *storm,
			    const struct run_sink *sink, char *why);
void runner_group_init(struct runner_group *group, const struct storm *storm, u32 vcpus);
/* Ends the group. Only the first reason is kept. From any thread. */
void runner_group_break(struct runner_group *group, const char *why);

/*
 * 0: done, whatever the status; the sink has it all. -ECANCELED: stopped. Other -errno: the
 * sink's, or no memory.
 */
int runner_run(struct runner *runner);

/* The step of the clock, in its ticks: 1 where none is seen. */
u32 runner_granularity(void);
/* The same of any clock, which is read after so many turns of a loop. */
u32 runner_step(u64 (*clock)(u32 turns));
/* 1: this vCPU's guest runs natively, 0: interpreted, ~0: unknown. Before any runner_run. */
int runner_probe_native(struct hv_vcpu *vcpu, u32 *native, char *why);

#endif
