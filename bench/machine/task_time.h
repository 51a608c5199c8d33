/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seconds that a thread or process could have used, for timeouts that hold on a busy machine: time
 * in which it slept of its own accord counts whole, time in which it waited for a CPU does not.
 */
#ifndef BENCH_MACHINE_TASK_TIME_H
#define BENCH_MACHINE_TASK_TIME_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct task_time {
	pid_t pid, tid; /* tid: of one thread; 0: all threads of the process */
	clockid_t clock;
	double used; /* CPU seconds at the last call */
	bool known;  /* .clock could be read then */
};

void task_time_of_this_thread(struct task_time *task);
void task_time_of_process(struct task_time *task, pid_t pid);
/*
 * Of `passed` seconds since the last call those that the task could use: all, or if it wants a CPU
 * now, the CPU time that it has had. All, too, where the kernel tells nothing.
 */
double task_time_passed(struct task_time *task, double passed);

#endif
