/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open journal, for journal.c and journal_open.c. */
#ifndef BENCH_SESSION_JOURNAL_STATE_H
#define BENCH_SESSION_JOURNAL_STATE_H

#include <limits.h>
#include <sys/types.h>

#include "journal.h"
#include "journal_frame.h"

/* One storm: the reports of the unit under way, and which units are finished. */
struct journal_storm {
	bool planned;
	struct journal_bytes staged;
	u16 *results; /* [repeat] */
	bool *done;   /* [repeat] */
};

struct journal {
	struct journal_options of; /* .sink is the copy below */
	struct run_sink sink;
	int fd;
	off_t size;
	u64 units;
	struct journal_bytes common; /* staged, of no storm */
	struct journal_storm *state; /* [storm_count] */
	char error[RUN_WHY];
};

struct journal *journal_new(const struct journal_options *options); /* NULL: no memory */
/* Appends the first frame. -ENOMEM. */
int journal_put_plan(const struct journal_options *options, struct journal_bytes *bytes);
int journal_path(const char *folder, char path[PATH_MAX], char *why);
void journal_mark(struct journal *journal, const struct storm *storm, u32 repeat);

#endif
