/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits that let a system call fail with an error which does not name them. */
#ifndef BENCH_MACHINE_LIMITS_H
#define BENCH_MACHINE_LIMITS_H

#include <stddef.h>

/*
 * The error of fork() or pthread_create(), and for EAGAIN the limit of tasks that is in force, if
 * there is one: "Resource temporarily unavailable: at most 8 tasks
 * (/sys/fs/cgroup/pids/x/pids.max)".
 */
const char *limits_task_error(int error, char *text, size_t size);

#endif
