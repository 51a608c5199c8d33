/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.json of a session's runs. */
#ifndef BENCH_SESSION_SESSION_JSON_H
#define BENCH_SESSION_SESSION_JSON_H

#include "session_state.h"

/* run.json of one variant; a new reference. */
json_t *session_json(const struct session *session, const struct variant *variant,
		     const json_t *host, const char *started, double seconds);
/* The same with what the session knows of host and time: `time` is what it has taken so far. */
json_t *session_json_now(const struct session *session, const struct variant *variant,
			 const struct journal_time *time);

#endif
