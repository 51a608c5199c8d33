/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One storm being measured on one vCPU, as run.c, calibrate.c, batch.c, fold.c and group.c share it.
 * Freestanding.
 */
#ifndef BENCH_RUNNER_MEASURE_H
#define BENCH_RUNNER_MEASURE_H

#include "runner.h"

/*
 * About 1 ms at 2 GHz. What disturbs a batch flags all of its records, because the counters say
 * only that it happened, not when: so batches are short.
 */
#define BATCH_TICKS (2ULL << 20)

#define RUNNER_ENDED 1 /* the storm is over before its time; result.status and .why say how */

/* The loops of the image that a batch can run. */
enum loop {
	LOOP_STORM,
	LOOP_STORM_STAMPED,
	LOOP_CONTROL,
	LOOP_CONTROL_STAMPED,
	LOOP_OVERHEAD, /* stamps with nothing between them */
	LOOPS
};

struct batch {
	enum loop loop;
	u32 operations;
	u64 ticks; /* of the whole loop */
	u64 exits; /* but for interrupts; the batch's own end included */
	u64 emulated, interrupts;
	u64 switches; /* of the own thread, meanwhile */
	u64 aperf, mperf, smi;
};

struct leg_histograms {
	struct histogram *clean;     /* NULL: no such leg */
	struct histogram *disturbed; /* NULL: no such record so far */
};

struct fold {
	struct leg_histograms leg[LEGS];
	u64 done;	 /* records seen */
	u64 pick, picks; /* number of the sample under way, how many there are to be */
	u64 pick_at;	 /* record that it is */
	u32 kept;
	struct record keep[64];
};

struct measurement {
	struct runner *runner;
	u32 vcpu;
	u64 loop[LOOPS]; /* addresses in the guest; 0: none */
	bool immediate;	 /* no guest at all: HV_ACTION_IMMEDIATE */
	bool lockstep;	 /* all vCPUs make each batch together */
	bool loose;	 /* exits are not so many an operation, but depend on other vCPUs */
	bool guest_stamps, host_stamps;
	bool every_exit;   /* the backend sees each: nothing is left to a user program */
	bool measuring;	   /* calibration is over */
	enum loop primary; /* what the plan's operations are made of: stamped, or not */
	struct storm_result result;
	struct hv_exit unexpected;
	struct hv_counts counts; /* as of the end of the last batch */
	/* Of all batches of the storm so far; exits for the reason that its row names. */
	u64 operations, expected;
	/* The hypervisor's own count for a batch: fixed + operations * per_op. */
	u64 fixed[LOOPS], per_op[LOOPS];
	u64 batch; /* operations a batch */
	struct fold fold;
};

/* Functions return 0, RUNNER_ENDED, or -errno (-ECANCELED: stopped). */

/* group.c */
/* All senders meet, then everyone has the first one's *value (NULL: they only meet). */
int group_agree(struct measurement *m, u64 *value);
int group_meet(struct measurement *m, struct runner_barrier *barrier);

/* batch.c */
int batch_boot(struct measurement *m);
/* Runs a pair's partner until its shared page says stop. */
int batch_partner(struct measurement *m, u64 loop);
int batch_run(struct measurement *m, enum loop loop, u32 operations, struct batch *batch);
/* Ends the storm and its group; result.why is set. */
int storm_ended(struct measurement *m, enum storm_status status);
/* The operations that a batch of this storm may have at most on each vCPU. */
u32 batch_most(const struct measurement *m);
/* What a batch of `operations` is expected to make the hypervisor count. */
u64 batch_expected(const struct measurement *m, enum loop loop, u32 operations);

/* calibrate.c */
int calibrate(struct measurement *m);
#define OVERHEAD_OPERATIONS 256
/* Of a batch of LOOP_OVERHEAD: as in storm_result.native. */
u32 calibrate_native(const struct batch *batch);

/* verdict.c */
/* After calibration: how many exits an operation makes, and whether that is the storm's number. */
int verdict_calibrated(struct measurement *m);
/* Exits of the batch's operations alone, without those of its entry, its end, loop and stamps. */
u64 verdict_exits(const struct measurement *m, const struct batch *batch);
/* After the last batch: whether as many exits were counted as were asked for. */
int verdict_measured(struct measurement *m);

/* fold.c */
int fold_begin(struct measurement *m);
int fold_records(struct measurement *m, const struct batch *batch, u32 flags);
int fold_period(struct measurement *m, const struct batch *batch, bool clean);
int fold_end(struct measurement *m); /* to the sink */
void fold_free(struct measurement *m);
/* A leg that is not to be reported, whatever the stamps say. */
void fold_drop(struct measurement *m, enum leg leg);

#endif
