/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One storm being measured on one vCPU, as run.c, calibrate.c, batch.c, fold.c and group.c share
 * it. Freestanding.
 */
#ifndef BENCH_RUNNER_MEASURE_H
#define BENCH_RUNNER_MEASURE_H

#include "runner.h"

/*
 * About 1 ms at 2 GHz. Batches are short because a disturbance flags all records of its batch: the
 * counters say that an interrupt or a context switch came, not when.
 */
#define BATCH_TICKS (2ULL << 20)

#define RUNNER_ENDED 1 /* the storm has ended early; result.status and .why say how */

/* The guest's loops, of which a batch runs one. */
enum loop {
	LOOP_STORM,
	LOOP_STORM_STAMPED,
	LOOP_CONTROL,
	LOOP_CONTROL_STAMPED,
	LOOP_OVERHEAD, /* two stamps with no instruction between them */
	LOOPS
};

struct batch {
	enum loop loop;
	u32 operations;
	u64 ticks; /* of the whole loop */
	u64 exits; /* without interrupts, with the exit that ends the batch */
	u64 emulated, interrupts;
	u64 switches; /* context switches of this thread during the batch */
	u64 aperf, mperf, smi;
};

struct leg_histograms {
	struct histogram *clean;     /* NULL: the storm does not have the leg */
	struct histogram *disturbed; /* NULL: no disturbed record so far */
};

struct fold {
	struct leg_histograms leg[LEGS];
	u64 done;	 /* records seen so far */
	u64 pick, picks; /* samples chosen so far, samples wanted */
	u64 pick_at;	 /* number of the record to be sampled next */
	u32 kept;	 /* samples in keep[], not yet sent */
	struct record keep[64];
};

struct measurement {
	struct runner *runner;
	u32 vcpu;
	u64 loop[LOOPS]; /* addresses in the guest; 0: none */
	bool immediate;	 /* the guest is not entered: HV_ACTION_IMMEDIATE */
	bool lockstep;	 /* all vCPUs start each batch together */
	bool varying;	 /* exits per operation vary, because they depend on other vCPUs */
	bool guest_stamps, host_stamps;
	u32 ops;	   /* operations of the guest between a pair of stamps: they count as one */
	u8 place;	   /* enum hv_place */
	u64 cycles;	   /* in place: ticks of CLOCK_LENGTH core cycles, just before the storm */
	bool every_exit;   /* the backend handles each exit itself: raw VMX or SVM */
	bool measuring;	   /* calibration has ended */
	enum loop primary; /* the loop that runs the plan's operations: stamped, or not */
	struct storm_result result;
	struct hv_exit unexpected;
	struct hv_counts counts; /* as of the end of the last batch */
	/* Of all batches so far: operations, and exits for the reason that the row names. */
	u64 operations, expected;
	/* Exits that the hypervisor counts in a batch: fixed + operations * per_op. */
	u64 fixed[LOOPS], per_op[LOOPS];
	u64 batch; /* operations per batch */
	struct fold fold;
};

/* Functions return 0, RUNNER_ENDED, or -errno (-ECANCELED: stopped). */

/* group.c */
/* Barrier of all senders, after which each has the *value of vCPU 0. NULL: barrier only. */
int group_agree(struct measurement *m, u64 *value);
int group_meet(struct measurement *m, struct runner_barrier *barrier);

/* batch.c */
/* Runs the guest from its entry to its first "batch done" exit. */
int batch_boot(struct measurement *m);
/* Runs the loop of a pair's partner until guest_shared.stop is set. */
int batch_partner(struct measurement *m, u64 loop);
/* Reads the hypervisor's counts. 0, or RUNNER_ENDED. */
int batch_counts(struct measurement *m, struct hv_counts *counts);
int batch_run(struct measurement *m, enum loop loop, u32 operations, struct batch *batch);
/* Ends the storm on all vCPUs of the VM. The caller has set result.why. Returns RUNNER_ENDED. */
int storm_ended(struct measurement *m, enum storm_status status);
/* The maximum of operations per batch and vCPU. */
u32 batch_max(const struct measurement *m);
/* Operations of the guest in one of the loop's. */
u32 batch_ops(const struct measurement *m, enum loop loop);
/* Exits that the hypervisor should count in a batch, by fixed[] and per_op[]. */
u64 batch_expected(const struct measurement *m, enum loop loop, u32 operations);

/* calibrate.c */
int calibrate(struct measurement *m);
#define OVERHEAD_OPERATIONS 256
/* As storm_result.native; the batch was of LOOP_OVERHEAD. */
u32 calibrate_native(const struct batch *batch);

/* verdict.c */
/* After calibration: how many exits an operation makes, and whether that is the storm's number. */
int verdict_calibrated(struct measurement *m);
/* Exits of the batch's operations alone, without those of its entry, its end, loop and stamps. */
u64 verdict_exits(const struct measurement *m, const struct batch *batch);
/* After the last batch: whether as many exits were counted as were asked for. */
int verdict_measured(struct measurement *m);

/* evidence.c, in place only */
void evidence_begin(struct measurement *m);
/* After the last batch: sets result.evidence, and the status if no exit is proven. */
void evidence_decide(struct measurement *m);

/* fold.c */
int fold_begin(struct measurement *m);
int fold_records(struct measurement *m, const struct batch *batch, u32 flags);
/* The round trips of a batch of the control loop, into LEG_CONTROL. */
int fold_control(struct measurement *m, u32 operations, bool clean);
int fold_period(struct measurement *m, const struct batch *batch, bool clean);
int fold_end(struct measurement *m); /* sends all to the sink */
void fold_free(struct measurement *m);
/* Discards a leg: it is not reported, and a record without it is not lost. */
void fold_drop(struct measurement *m, enum leg leg);

#endif
