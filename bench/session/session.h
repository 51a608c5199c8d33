/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One `exitstorm run`: measures storms x repeats x variants and writes a run per variant. */
#ifndef BENCH_SESSION_SESSION_H
#define BENCH_SESSION_SESSION_H

#include "collect.h"
#include "../plan/plan.h"

/* One plan and its run; several with --vary. */
struct variant {
	struct plan plan;
	char *path;		   /* of the run folder; NULL: do not write one */
	struct run_writer *writer; /* from session_open to session_commit, else NULL */
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
	bool anonymous; /* leave out what names the host or its user */
};

/* Creates the run folders and the collectors. -errno and why (RUN_WHY bytes, as below). */
int session_open(struct session *session, char *why);
/*
 * Measures. -ECANCELED: stopped by SIGINT, SIGTERM or SIGHUP; other -errno and why. A storm that is
 * skipped or fails is not an error.
 */
int session_measure(struct session *session, char *why);
/* run.json of one variant; a new reference, NULL: no memory. */
json_t *session_json(const struct session *session, const struct variant *variant,
		     const json_t *host, const char *started, double seconds);
/* Renames the run folders to their final paths. On an error the ones already renamed stay. */
int session_commit(struct session *session, char *why);
/* Removes the folders that were not committed and frees everything in the session. */
void session_close(struct session *session);

#endif
