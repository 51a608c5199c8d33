/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interface of a target (kvm, module, bochs, qemu, metal): where a run takes place. */
#ifndef BENCH_TARGETS_TARGET_H
#define BENCH_TARGETS_TARGET_H

#include <jansson.h>

#include "../plan/plan.h"
#include "../runner/runner.h"

struct target {
	const char *name, *text;
	enum target_bit bit;
	bool emulated;
	u32 samples; /* records to keep a storm, where nobody says how many */
	/* 0, or -errno and why it cannot be used here and what helps. */
	int (*probe)(char *why);
	/* 0, or -errno and why this storm cannot be had here with this plan. */
	int (*available)(const struct plan *plan, const struct storm *storm, char *why);
	/* target{} of run.json: name, backend, emulated, clock, clock_granularity, guest_native, …
	 */
	json_t *(*describe)(const struct plan *plan);
	/* The privilege level and whether there is an interrupt controller, as .run would have it.
	 */
	void (*shape)(const struct plan *plan, const struct storm *storm, struct hv_config *config);
	/* The site of a leg of a storm here ("guest", "kvm-ioctl", …); NULL: there is no such leg.
	 */
	const char *(*site)(const struct plan *plan, const struct storm *storm, enum leg leg);
	/*
	 * Runs one repeat of one storm: a fresh VM on fresh memory, a pinned thread per vCPU. Sink
	 * and monitor->progress are called from one thread at a time. Returns as runner_run does.
	 * NULL: run_all.
	 */
	int (*run)(const struct plan *plan, const struct storm *storm, u16 repeat,
		   const struct run_sink *sink, const struct run_monitor *monitor);
	/*
	 * All repeats of all storms at once, in the target's own order: where nothing drifts and to
	 * begin is dear. NULL: run.
	 */
	int (*run_all)(const struct plan *plan, const struct storm *const *storm, u32 storms,
		       const struct run_sink *sink, const struct run_monitor *monitor);
};

/* Reports a storm that ended before its VM existed: skipped if err is -EOPNOTSUPP, else failed. */
int target_not_run(const struct storm *storm, u16 repeat, const struct run_sink *sink, int err,
		   const char *why);

extern const struct target target_metal, target_kvm, target_module, target_bochs, target_qemu;

#endif
