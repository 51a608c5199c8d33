/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads for the vCPUs of one VM in this process: pinned, started together, watched, ended. */
#ifndef BENCH_TARGETS_VCPU_THREADS_H
#define BENCH_TARGETS_VCPU_THREADS_H

#include "../../trace/stamps.h"
#include "../runner/runner.h"

/* A guest that does not come back from one batch within this time hangs. */
#define CREW_PATIENCE_SECONDS 2

/*
 * Runs one repeat of the storm on each vCPU of the VM. The sink is called from one thread at a
 * time. stamps: what stamps in the kernel, NULL: nothing does. Returns as runner_run does; *why is
 * not empty where there was no thread for a vCPU, or nobody to watch it.
 */
int crew_run(struct hv_vm *vm, const struct plan *plan, const struct storm *storm, u16 repeat,
	     struct stamps *stamps, const struct run_sink *sink, const struct run_monitor *monitor,
	     char *why);

#endif
