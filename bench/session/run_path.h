/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where runs go when the user does not say. */
#ifndef BENCH_SESSION_RUN_PATH_H
#define BENCH_SESSION_RUN_PATH_H

#include <stdbool.h>

/*
 * $EXITSTORM_RUNS, else results/runs/ of the source tree that this binary was built in, else
 * ./exitstorm-runs; below it <UTC time>-<host>-<target>, with a number where that is taken.
 * To be freed; NULL: no memory.
 */
char *place_for_run(const char *target, bool anonymous);

#endif
