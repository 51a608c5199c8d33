/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runs that a command is given. A folder of runs, as `run --vary` leaves it, stands for all
 * runs in it.
 */
#ifndef BENCH_CLI_RUNS_H
#define BENCH_CLI_RUNS_H

#include "../../results/run.h"
#include "cli.h"

/* Rows of option tables. */
#define RUNS_OPERAND                                                                    \
	{                                                                               \
		.kind = OPTION_OPERAND, .value = "RUN...", .min = 1, .max = UINT32_MAX, \
		.complete = COMPLETE_FOLDER,                                            \
		.text = "folders of runs; a folder with runs in it stands "             \
			"for all of them"                                               \
	}
/* Of commands with --store, which check that there is one of both: runs_or_store(). */
#define RUNS_OR_STORE_OPERAND                                                           \
	{                                                                               \
		.kind = OPTION_OPERAND, .value = "RUN...", .min = 0, .max = UINT32_MAX, \
		.complete = COMPLETE_FOLDER,                                            \
		.text = "folders of runs; a folder with runs in it stands "             \
			"for all of them"                                               \
	}
#define RUN_OPERAND                                                         \
	{                                                                   \
		.kind = OPTION_OPERAND, .value = "RUN", .min = 1, .max = 1, \
		.complete = COMPLETE_FOLDER, .text = "the folder of a run"  \
	}

struct runs {
	struct run **run;
	size_t count;
};

/*
 * Without operands: makes the path of the latest run the only one, and says so on stderr.
 * STATUS_OK, or the status after a message. The caller frees `latest`.
 */
int runs_or_latest(char ***path, size_t *count, char **latest);
/* Whether a folder has a run.json. */
bool runs_is_run(const char *folder);
/*
 * Of a run that was just written: prints its table as `show` does, and its path. quiet: only the
 * path. STATUS_OK, or the status after a message, which says that the run is there.
 */
int runs_print_new(const char *path, bool quiet);
/* Opens a run, and warns where it is incomplete. STATUS_OK, or the status after a message. */
int runs_open_one(const char *path, struct run **run);
/* The same by run_open(), without the figures that are made of arrays. */
int runs_open_raw(const char *path, struct run **run);
/* STATUS_OK, or the status after a message. runs_close() in any case. */
int runs_open(struct runs *runs, char *const *path, size_t count);
/* Adds the run or the runs at `path`. */
int runs_add(struct runs *runs, const char *path);
/* Index of the run by a number from 1, the name of its folder or its path; runs->count: none. */
size_t runs_find(const struct runs *runs, const char *text);
/* Index of a number from 1 to count; count: it is none of these. */
size_t runs_number(const char *text, size_t count);
void runs_close(struct runs *runs);

#endif
