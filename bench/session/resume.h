/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Continues an interrupted run. */
#ifndef BENCH_SESSION_RESUME_H
#define BENCH_SESSION_RESUME_H

#include "session_state.h"

/*
 * Fills in a session from `path`, that of the run or of its PATH.partial: target, plan, storms, and
 * the units that are finished. -EALREADY: the run is complete. Other -errno and why: damaged, in
 * use, of another build or plan, or this machine is not the same. `said` (RUN_WHY bytes) is "", or
 * for the user to know. session_close() in any case.
 */
int resume_open(struct session *session, const char *path, char *said, char *why);

#endif
