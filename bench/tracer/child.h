/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The COMMAND of a trace: held back until the trace is on, and ended with it. */
#ifndef BENCH_TRACER_CHILD_H
#define BENCH_TRACER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* 0: none, or over */
	int go;	    /* a byte to it lets the child run */
	int error;  /* what comes back is why it could not */
	int status; /* of waitpid(), once it is over by itself */
};

/* Its output goes to standard error: standard output is the trace's. 0 or -errno. */
int child_start(struct child *child, char **argv);
int child_go(struct child *child); /* -errno of the exec */
bool child_over(struct child *child);
/* Of one that is over by itself: 0, or -ECHILD and the words for how it failed. */
int child_verdict(const struct child *child, const char *name, char *why, size_t size);
void child_end(struct child *child); /* asks, waits 2 s, then kills */

#endif
