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
/* One more path. */
int runs_add(struct runs *runs, const char *path);
/* The run meant by a number from 1, the name of its folder or a path; runs->count: none is. */
size_t runs_find(const struct runs *runs, const char *text);
/* The number alone, as an index; count: it is none from 1 to count. */
size_t runs_number(const char *text, size_t count);
void runs_close(struct runs *runs);

#endif
