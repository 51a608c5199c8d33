/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads for the vCPUs of one VM in this process: pinned, started together, under a watchdog. */
#ifndef BENCH_TARGETS_VCPU_THREADS_H
#define BENCH_TARGETS_VCPU_THREADS_H

#include "../../trace/stamps.h"
#include "../runner/runner.h"

/*
 * A guest that ends no batch and counts no operation for this long hangs. Time in which a vCPU's
 * thread waited for a CPU does not count.
 */
#define VCPU_TIMEOUT_SECONDS 2

/*
 * Runs one repeat of the storm, each vCPU of the VM on a thread of its own. Sink and
 * monitor->progress are called from one thread at a time. stamps: those that the kernel takes, or
 * NULL. Returns as runner_run does; *why is not empty if a thread or its observer could not start.
 */
int vcpu_threads_run(struct hv_vm *vm, const struct plan *plan, const struct storm *storm,
		     u16 repeat, struct stamps *stamps, const struct run_sink *sink,
		     const struct run_monitor *monitor, char *why);

#endif
