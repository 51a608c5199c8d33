/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One `exitstorm run`: storms times repeats times variants, interleaved, and what becomes of them.
 */
#ifndef BENCH_SESSION_SESSION_H
#define BENCH_SESSION_SESSION_H

#include "collect.h"
#include "../plan/plan.h"

/* One plan and the run that comes of it; more than one with --vary. */
struct variant {
	struct plan plan;
	char *path;		   /* of the run folder; NULL: none is made */
	struct run_writer *writer; /* session_open to session_commit */
	struct collect *collect;
	json_t *json; /* run.json after session_measure */
};

struct session {
	const struct target *target;
	const struct storm **storm;
	u32 storms;
	struct variant *variant;
	u32 variants;
	bool progress;	/* on stderr */
	bool anonymous; /* nothing that names the host or its user */
};

/* Makes the folders and the collectors. */
int session_open(struct session *session, char *why);
/*
 * Measures. -ECANCELED: a signal came (SIGINT, SIGTERM, SIGHUP), or another -errno and why. A storm
 * that is skipped or fails is no error here.
 */
int session_measure(struct session *session, char *why);
/* run.json of one variant; a new reference, NULL: no memory. */
json_t *session_json(const struct session *session, const struct variant *variant,
		     const json_t *host, const char *started, double seconds);
/* Puts the runs in their places. Those before the one that fails stay. */
int session_commit(struct session *session, char *why);
/* Whatever was not committed is gone. */
void session_close(struct session *session);

#endif
