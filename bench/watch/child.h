/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The COMMAND of a trace: held back until the trace is on, and ended with it. */
#ifndef BENCH_WATCH_CHILD_H
#define BENCH_WATCH_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: none, or over */
	int go;	   /* a byte to it lets the child run */
	int error; /* what comes back is why it could not */
};

/* Its output goes to standard error: standard output is the trace's. 0 or -errno. */
int child_start(struct child *child, char **argv);
int child_go(struct child *child); /* -errno of the exec */
bool child_over(struct child *child);
void child_end(struct child *child); /* asks, waits 2 s, then kills */

#endif
