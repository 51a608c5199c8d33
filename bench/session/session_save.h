/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder of a session that is being measured. A run of more than a second is shown as
 * PATH.partial, with a run.json of what is finished. That is written anew as units finish, but so
 * rarely that it takes no more than 2 % of the time; the journal has every unit.
 */
#ifndef BENCH_SESSION_SESSION_SAVE_H
#define BENCH_SESSION_SESSION_SAVE_H

#include "session_state.h"

/* The folder, and the writer, collector and journal of each variant. -errno and why. */
int session_save_open(struct session *session, char *why);
/* A variant's writer in the session's folder, and its collector, which does not write to it yet. */
int session_save_variant(struct session *session, struct variant *variant, char *why);
/* The folder of a variant's run; false: the path is too long. */
bool session_save_path(const struct session *session, const struct variant *variant,
		       char path[PATH_MAX]);
struct journal_options session_save_journal(struct session *session, const struct variant *variant,
					    struct run_sink *sink);
/* How many repeats a storm has; all, if further ones are pointless. */
u32 session_save_repeats(const struct variant *variant, const struct storm *storm);
/* After a unit: saves if it is time. -errno and session->error. */
int session_save_unit(void *session);
/* Saves. -errno and why. */
int session_save_now(struct session *session, char *why);
/* Writes the final run.json of each variant (taking it over) and gives the folder its final name.
 */
int session_save_final(struct session *session, char *why);

#endif
