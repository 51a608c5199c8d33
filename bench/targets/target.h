/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interface of a target (kvm, guest, module, bochs, qemu, metal): where a run takes place. */
#ifndef BENCH_TARGETS_TARGET_H
#define BENCH_TARGETS_TARGET_H

#include <jansson.h>

#include "../plan/plan.h"
#include "../runner/runner.h"

struct target {
	const char *name, *text;
	enum target_bit bit;
	bool emulated;
	/* enum storm_place, where storms run in place; 0 or NULL: they run in a VM of ours. */
	u8 (*places)(const struct plan *plan);
	u32 samples; /* records kept per storm without --samples */
	/* Whether it can be used here. 0, or -errno and why (HV_WHY bytes), with a remedy. */
	int (*probe)(char *why);
	/* Whether the storm can run here with this plan. 0, or -errno and why. */
	int (*available)(const struct plan *plan, const struct storm *storm, char *why);
	/* target{} of run.json: name, backend, emulated, clock, clock_granularity, guest_native, …
	 */
	json_t *(*describe)(const struct plan *plan);
	/* Sets vcpus, cpl, irqchip and x2apic as .run has them for the storm. */
	void (*shape)(const struct plan *plan, const struct storm *storm, struct hv_config *config);
	/* The site of a storm's leg ("guest", "kvm-ioctl", …); NULL: no such leg here. */
	const char *(*site)(const struct plan *plan, const struct storm *storm, enum leg leg);
	/*
	 * Runs one repeat of one storm: a fresh VM on fresh memory, a pinned thread per vCPU. Sink
	 * and monitor->progress are called from one thread at a time. Returns as runner_run does.
	 * NULL: run_all.
	 */
	int (*run)(const struct plan *plan, const struct storm *storm, u16 repeat,
		   const struct run_sink *sink, const struct run_monitor *monitor);
	/*
	 * Runs the repeats from `first` on of all storms in an order of the target's choice: for
	 * clocks that do not drift and targets that are slow to start. NULL: run.
	 */
	int (*run_all)(const struct plan *plan, const struct storm *const *storm, u32 storms,
		       u16 first, const struct run_sink *sink, const struct run_monitor *monitor);
};

/* Whether a run without a list of storms is to have this one. */
bool target_offers(const struct target *target, const struct plan *plan, const struct storm *storm);

/* Reports a storm that ended before its VM existed: skipped if err is -EOPNOTSUPP, else failed. */
int target_not_run(const struct storm *storm, u16 repeat, const struct run_sink *sink, int err,
		   const char *why);

extern const struct target target_guest, target_metal, target_kvm, target_module, target_bochs,
	target_qemu;

#endif
