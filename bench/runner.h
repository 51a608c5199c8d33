/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one storm on one vCPU for one repeat: warm-up, calibration, control, batches, folding.
 * Freestanding: module, image and process share it. Everything that knows threads, signals or
 * files is in bench/targets.
 *
 * What comes out goes through a run_sink as integers, the same for process, ioctl and wire;
 * percentiles are made from them in analysis.
 */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include "../hv/hv.h"
#include "../trace/histogram.h"
#include "../trace/record.h"
#include "plan.h"
#include "storms/storm.h"

enum storm_status { STORM_MEASURED, STORM_NO_EXIT, STORM_SKIPPED, STORM_FAILED };

/* One storm on one vCPU in one repeat. Ticks are TSC ticks. */
struct storm_result {
	u32 size, storm; /* of this struct; index in storms[] */
	u16 repeat, vcpu;
	s32 status;	 /* enum storm_status */
	u64 asked;	 /* exits that the plan asks for: operations * exits_per_op */
	u64 seen;	 /* exits that were counted for them */
	u64 other;	 /* seen beyond what was asked: interrupts of the host and the like */
	u64 operations;	 /* made and measured */
	u64 disturbed;	 /* records flagged */
	u64 lost;	 /* records whose stamps are missing or out of order */
	u64 aperf, mperf, smi; /* deltas over the measured batches; 0: cannot be read */
	u32 raw_reason;	 /* ~0: not seen from here */
	u32 exits_per_op;
	u32 native;	 /* 1: the guest's instructions ran natively, 0: interpreted, ~0: unknown */
	u32 granularity; /* ticks between two readings of the clock, least that is not 0 */
	u64 batch;	 /* operations a batch */
	u64 stamp_overhead; /* ticks of an empty pair of guest stamps, median; 0: no guest stamps */
	u64 control_period; /* ticks an operation of the control loop, without stamps, median */
	u64 control_round_trip; /* the same between stamps, median; 0: no guest stamps */
	char why[HV_WHY]; /* for what is not STORM_MEASURED */
};

struct run_sink {
	int (*result)(void *arg, const struct storm_result *result);
	/* clean: 1 for undisturbed records only, else all. One call a leg, repeat and vCPU. */
	int (*histogram)(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			 const struct histogram *histogram);
	int (*records)(void *arg, const struct storm_result *result, const struct record *records,
		       u32 count);
	/* Operations done since the last call, for progress. */
	void (*progress)(void *arg, u64 operations);
	/* True: end after this batch; the runner returns -ECANCELED. */
	bool (*stopped)(void *arg);
	void *arg;
};

struct runner {
	struct hv_vcpu *vcpu;
	const struct storm *storm;
	const struct plan *plan;
	u16 repeat;
	const struct run_sink *sink;
};

/*
 * 0: done, whatever the status; the sink has it all. -ECANCELED: stopped. Other -errno: the
 * sink's, or no memory.
 */
int runner_run(struct runner *runner);

#endif
