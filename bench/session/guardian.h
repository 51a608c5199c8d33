/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that switch a machine between two states, run by a process of its own: it also runs
 * the command that undoes them when this process ends in any way, SIGKILL among them.
 */
#ifndef BENCH_SESSION_GUARDIAN_H
#define BENCH_SESSION_GUARDIAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "../../results/fatal.h"

#define GUARDIAN_OUTPUT 400 /* bytes, with the NUL */

/* How a command has ended. */
struct guardian_step {
	int status;		      /* exit status; 128 plus the signal that has ended it */
	double seconds;		      /* wall time */
	double cpu;		      /* seconds of CPU time, of the command and its children */
	bool undone;		      /* it is the undo command */
	char output[GUARDIAN_OUTPUT]; /* the end of what it printed */
};

struct guardian {
	pid_t pid;
	int socket;
	const char *undo; /* NULL: nothing to undo */
	struct fatal_hook hook;
};

/*
 * Starts the process. Its commands get no terminal, so Ctrl-C is for this process alone. `guardian`
 * stays in place until guardian_end(), which fatal() calls, too. 0 or -errno.
 */
int guardian_start(struct guardian *guardian, const char *undo);
/*
 * Runs `command` by /bin/sh and waits for its end. 0; -ECANCELED: stop_is_requested() meanwhile,
 * the command was ended; other -errno: the guardian is lost.
 */
int guardian_run(struct guardian *guardian, const char *command, struct guardian_step *step);
/*
 * Runs the undo command and ends the guardian, whichever state it is in; a second call does
 * nothing. 0 and `step`; -ENOENT: there is nothing to undo; other -errno: it could not be run.
 */
int guardian_end(struct guardian *guardian, struct guardian_step *step);

#endif
