/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One `exitstorm run`: measures storms x repeats x variants and writes a run per variant, or goes
 * on with one that was interrupted.
 */
#ifndef BENCH_SESSION_SESSION_H
#define BENCH_SESSION_SESSION_H

#include "session_state.h"

/* Creates the run folders and the collectors. -errno and why (RUN_WHY bytes, as below). */
int session_open(struct session *session, char *why);
/*
 * Measures what the run does not have yet. -ECANCELED: stopped by SIGINT, SIGTERM or SIGHUP; other
 * -errno and why. Then what was finished is in session_partial(). A storm that is skipped or fails
 * is not an error.
 */
int session_measure(struct session *session, char *why);
/* Renames the folder of the session to its final path: all runs of it or none. */
int session_commit(struct session *session, char *why);
/* Removes what was not committed, but for what session_partial() names, and frees everything. */
void session_close(struct session *session);

/* The folder of the interrupted run, or NULL: there is none. */
const char *session_partial(const struct session *session);
/* How many storms are complete, in all variants. */
u32 session_complete(const struct session *session);

#endif
