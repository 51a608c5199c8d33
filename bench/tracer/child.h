/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The COMMAND of `exitstorm trace -- COMMAND`: it waits for the trace to start, and ends with it.
 */
#ifndef BENCH_TRACER_CHILD_H
#define BENCH_TRACER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../../results/fatal.h"

struct child {
	pid_t pid;		/* 0: none, or it has ended */
	int go;			/* pipe: a byte lets the child exec */
	int error;		/* pipe: errno of a failed exec */
	int status;		/* of waitpid(); 0 if child_end() ended it */
	struct fatal_hook hook; /* child_end() */
};

/* Forks. The child's output goes to stderr because stdout is the trace's. 0 or -errno. */
int child_start(struct child *child, char **argv);
int child_go(struct child *child);    /* lets it exec; 0, or -errno of the exec */
bool child_over(struct child *child); /* reaps it if it has ended */
/* After child_over: 0, or -ECHILD and why if it was killed or its status is not 0. */
int child_verdict(const struct child *child, const char *name, char *why, size_t size);
void child_end(struct child *child); /* SIGTERM, up to 2 s later SIGKILL */

#endif
