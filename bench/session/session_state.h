/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one `exitstorm run`, which its parts share. */
#ifndef BENCH_SESSION_SESSION_STATE_H
#define BENCH_SESSION_SESSION_STATE_H

#include "../../results/run_folder.h"
#include "../plan/plan.h"
#include "background_load.h"
#include "collect.h"
#include "identity.h"
#include "journal.h"

#define SESSION_MIN_REPEATS 2 /* for an interval, however short the time of `run --time` */

/* One plan and its run; several with --vary. */
struct variant {
	struct plan plan;
	char *name; /* of the run's folder in that of the session; NULL: that itself */
	char *path; /* of the run folder, after session_commit */
	struct run_writer *writer; /* from session_open to session_commit, else NULL */
	struct collect *collect;
	struct journal *journal; /* NULL: what is measured cannot be continued */
	json_t *json;		 /* run.json after session_measure */
};

struct session;

/* `exitstorm ab`: something outside of the plan is switched between the variants. */
struct session_rounds {
	/*
	 * Before the storms of a variant are measured. 0, -ECANCELED (stopped) or another -errno
	 * and why (RUN_WHY bytes).
	 */
	int (*begin)(void *arg, u32 variant, u32 repeat, char *why);
	/* After each repeat of all variants: whether it was the last one. */
	bool (*enough)(void *arg, const struct session *session, u32 repeats);
	void *arg;
};

struct session {
	const struct target *target;
	const struct storm **storm;
	u32 storms;
	struct variant *variant;
	u32 variants;
	char *path;    /* of the run folder, with --vary of the folder of runs; NULL: none */
	bool progress; /* on stderr */
	/* Percent: repeats end when all intervals are that narrow; 0: not asked for. */
	double until;
	double time; /* seconds after which no repeat begins; 0: no limit */
	/* NULL: the plan is all that varies. Such a run cannot be continued. */
	const struct session_rounds *rounds;
	json_t *labels; /* of run.json; NULL: none */
	bool anonymous; /* leave out what names the host or its user */

	/* From session_open or session_resume on. */
	struct run_folder folder;
	char id[IDENTITY_BYTES]; /* the runs' UUIDs are made of it; "": session_open makes one */
	char started[32];	 /* UTC */
	json_t *host;		 /* host{} of run.json */
	json_t *in_turn;	 /* a random id that the runs of one --vary share, or null */
	json_t *resumed;	 /* of run.json: when it was continued */
	struct background_load load;
	struct journal_time before; /* taken by earlier processes of the run */
	double saved, save_cost;    /* clock_seconds() of the last save; its seconds */
	char error[RUN_WHY];	    /* of a save while the target runs; "": none */
};

#endif
