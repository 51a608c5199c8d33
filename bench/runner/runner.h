/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one storm on one vCPU for one repeat: calibration, control, warm-up, batches. Freestanding:
 * process, kernel module and bare-metal image share it; threads, signals and files are in
 * bench/targets.
 *
 * Results go to a run_sink as integers, the same for process, ioctl and wire. Percentiles are
 * computed from them in analysis/.
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

/*
 * In place, where exits cannot be counted: why an operation is believed to exit. COUNTED: by a
 * host, when its trace is joined.
 */
enum evidence {
	EVIDENCE_NONE, /* exits are counted here */
	EVIDENCE_ARCHITECTURE,
	EVIDENCE_COUNTED,
	EVIDENCE_COST,
	EVIDENCE_UNKNOWN,
	EVIDENCES
};

/* One storm on one vCPU in one repeat. Ticks are TSC ticks. */
struct storm_result {
	u32 size, storm; /* of this struct; index in storms[] */
	u16 repeat, vcpu;
	s32 status;	       /* enum storm_status */
	u64 asked;	       /* exits expected: operations * exits_per_op */
	u64 seen;	       /* exits counted during the measured batches */
	u64 other;	       /* seen - asked: the host's interrupts, for example */
	u64 operations;	       /* measured */
	u64 disturbed;	       /* records with a RECORD_DISTURBED flag */
	u64 lost;	       /* records whose stamps are missing or out of order */
	u64 aperf, mperf, smi; /* deltas over the measured batches; 0: not readable */
	u32 raw_reason;	       /* ~0: the backend does not show it */
	u32 exits_per_op;
	u32 native;	 /* 1: the guest's instructions ran natively, 0: interpreted, ~0: unknown */
	u32 granularity; /* smallest step of the clock, in ticks */
	u32 clocks_differ; /* 1: the guest's TSC is offset from the host's: no leg may use both */
	u32 at_ms; /* when it arrived, ms after the run began, by the session; 0: not known */
	u64 batch; /* operations per batch */
	u64 stamp_overhead; /* ticks from one guest stamp to the next, median; 0: none */
	/* A batch of the control loop without stamps: the median of the batches' ticks. */
	u64 control_ticks, control_operations;
	/* The storm's loop without stamps: sums over its undisturbed batches. */
	u64 period_ticks, period_operations;
	u64 control_round_trip; /* the same between guest stamps; 0: no guest stamps */
	/*
	 * In place: the median of the operation, that of its control, and the ticks above which no
	 * execution without an exit is (0: no bound is known).
	 */
	u64 cost, cost_control, threshold;
	u32 evidence, reserved; /* enum evidence */
	char why[HV_WHY];	/* the reason, unless STORM_MEASURED */
};

struct counter_value; /* trace/counters.h */
struct clock_finding; /* trace/clock_check.h */

/* Receives what a runner measures. Each function returns 0, or -errno, which ends the run. */
struct run_sink {
	int (*result)(void *arg, const struct storm_result *result);
	/*
	 * clean: 0 for all records, 1 for undisturbed ones only; then HISTOGRAM_BOTH, in place of
	 * two calls, where all are undisturbed and takes_both is set. Once per leg, repeat and
	 * vCPU.
	 */
	int (*histogram)(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			 const struct histogram *histogram);
	int (*records)(void *arg, const struct storm_result *result, const struct record *records,
		       u32 count);
	/* Values that the runner's observer counted; after the result. NULL: not wanted. */
	int (*counters)(void *arg, const struct storm_result *result,
			const struct counter_value *value, u32 count);
	void *arg;
	/*
	 * VMX or SVM controls: those of every VM (storm is RUNNER_EVERY_STORM; sent again for each
	 * storm), or those of one storm's VM that differ from them. NULL: not wanted.
	 */
	int (*controls)(void *arg, u32 storm, const struct hv_control *controls, u32 count);
	/* The finding about the clock, at least once in each boot. NULL: not wanted. */
	int (*clock)(void *arg, const struct clock_finding *finding);
	/* The reason of an error that no other function has returned. NULL: not wanted. */
	void (*error)(void *arg, const char *why);
	bool takes_both; /* a serial line has a use for it: histograms are most of its bytes */
};
#define RUNNER_EVERY_STORM ~0U
#define HISTOGRAM_BOTH	   2

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

/* A barrier that can be reused; group_meet waits at it. */
struct runner_barrier {
	u32 members;
	u32 arrived, round;
};

/* Shared by the runners of one VM. Zero-initialised, then filled by runner_group_init. */
struct runner_group {
	struct runner_barrier all;     /* every vCPU */
	struct runner_barrier senders; /* vCPUs that run the storm, without the partners of pairs */
	u64 agreed;
	u32 broken;	     /* not 0: one runner has ended early, the others must end, too */
	char why[HV_WHY];    /* the reason for broken; written first */
	void (*relax)(void); /* called in a loop while waiting */
	void (*wake)(void *arg, u32 vcpu); /* makes hv_run of another vCPU return: hv_kick there */
	/* Untimed, before and after each batch on the vCPU's own CPU, for a watchdog. NULL: none.
	 */
	void (*batch_begins)(void), (*batch_ends)(void);
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
	/* one_clock: guest and host stamps are comparable. May add kernel stamps to the records. */
	void (*end)(void *arg, struct record *ring, u32 operations, bool one_clock);
	void *arg;
	bool every_exit; /* the kernel stamps each exit, not only exits to user space */
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
	bool nested; /* KVM itself runs under a hypervisor, to which operations may exit */
};

/* Once per VM, before any runner_run. -EOPNOTSUPP and the reason in why[HV_WHY]: skip the storm. */
int runner_prepare(struct hv_vm *vm, const struct storm *storm, char *why);
/* The same, and reports the VM's controls to the sink. */
int runner_prepare_reported(struct hv_vm *vm, const struct storm *storm,
			    const struct run_sink *sink, char *why);
void runner_group_init(struct runner_group *group, const struct storm *storm, u32 vcpus);
/* Ends the storm on all vCPUs. The first reason is kept. From any thread. */
void runner_group_break(struct runner_group *group, const char *why);

/*
 * 0: the sink has a result, of whatever status. -ECANCELED: the monitor asked to stop. -EHWPOISON:
 * a machine check, the reason is the group's. Other -errno: -ENOMEM, or an error of the sink.
 */
int runner_run(struct runner *runner);

/* The smallest step of the TSC, in ticks; 1: no larger step was seen. */
u32 runner_granularity(void);
/* The same of any clock, whose function reads it after `turns` iterations of a loop. */
u32 runner_step(u64 (*clock)(u32 turns));
/* The best proof of the storm's exit that there can be in place, on this CPU. */
enum evidence evidence_possible(const struct storm *storm);
/* As storm_result.native, of a vCPU on which no runner_run was made yet. -errno, and why. */
int runner_probe_native(struct hv_vcpu *vcpu, u32 *native, char *why);

#endif
