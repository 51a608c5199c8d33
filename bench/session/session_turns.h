/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which a run measures its repeats, storms and variants. */
#ifndef BENCH_SESSION_SESSION_TURNS_H
#define BENCH_SESSION_SESSION_TURNS_H

#include "session_state.h"

/* Measures what the run does not have yet. Returns as session_measure(). */
int session_turns(struct session *session, char *why);

#endif
