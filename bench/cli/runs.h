/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs that a command is given. A folder of runs, as `run --vary` leaves it, stands for all in
 * it. */
#ifndef BENCH_CLI_RUNS_H
#define BENCH_CLI_RUNS_H

#include "../../results/run.h"

struct runs {
	struct run **run;
	size_t count;
};

/* STATUS_OK, or what it reported. runs_close in any case. */
int runs_open(struct runs *runs, char *const *path, size_t count);
void runs_close(struct runs *runs);

#endif
