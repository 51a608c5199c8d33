/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default path of a run folder. */
#ifndef BENCH_SESSION_RUN_PATH_H
#define BENCH_SESSION_RUN_PATH_H

#include <stdbool.h>

/*
 * <UTC time>-<host>-<target>, with a number appended if that exists, in $EXITSTORM_RUNS; else in
 * results/runs/ of the source tree that this binary was built in; else in ./exitstorm-runs.
 * anonymous: without the host's name. The caller frees it.
 */
char *run_path(const char *target, bool anonymous);

/* The latest of the runs that have such a path, by name. NULL and why: there is none. */
char *run_path_latest(char *why);

#endif
