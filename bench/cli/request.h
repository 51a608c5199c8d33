/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user asks of `run` and `selftest`, and the session that it makes. */
#ifndef BENCH_CLI_REQUEST_H
#define BENCH_CLI_REQUEST_H

#include "../session/session.h"
#include "cli.h"

#define REQUEST_SETS 64

/* As given; NULL: not given. */
struct request {
	const char *target, *storms, *exits, *repeats, *warmup, *vcpus, *cpus, *samples, *seed;
	const char *like, *vary, *folder;
	const struct target *own; /* the command's, whatever its probe says; NULL: by name */
	const char *set[REQUEST_SETS];
	int sets;
	bool anonymous, quiet;
};

/*
 * Checks all of it and fills the session. Returns STATUS_OK, or the status after a message. `like`
 * gets the run that is repeated, to be closed by the caller; NULL: none.
 */
int request_session(const struct command *command, const struct request *request,
		    struct session *session, struct run **like);

/* The target by name, or the one for this machine. NULL after a message; *status says which. */
const struct target *request_target(const struct command *command, const char *name, int *status);

#endif
