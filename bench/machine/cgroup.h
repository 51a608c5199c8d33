/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of this process' control groups, cgroup v1 and v2: its own group's and those of all groups
 * above. */
#ifndef BENCH_MACHINE_CGROUP_H
#define BENCH_MACHINE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/* The minimum of CPU quotas, in CPUs. file: of the limit, for a message. False: there is none. */
bool cgroup_cpu_quota(double *cpus, char *file, size_t size);
/* The minimum number of tasks (processes and threads). False: there is none. */
bool cgroup_task_limit(long long *tasks, char *file, size_t size);

#endif
