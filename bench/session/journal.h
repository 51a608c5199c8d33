/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The finished parts of a run, in a file that is appended to: an interrupted run continues from it.
 *
 * A unit is one repeat of one storm. What a target reports is held back until its unit is finished,
 * then written here and passed on, so that the run has whole units only. Records are passed on at
 * once, because they may be many: the run's writer knows which of them belong to a unit.
 */
#ifndef BENCH_SESSION_JOURNAL_H
#define BENCH_SESSION_JOURNAL_H

#include "../../results/run.h"
#include "../plan/plan.h"
#include "../runner/runner.h"

#define JOURNAL_NAME "journal"

struct journal;

struct journal_options {
	const struct plan *plan;
	const struct storm *const *storm;
	u32 storms;
	struct run_writer *writer;
	const struct run_sink *sink; /* that everything is passed on to */
	/* A unit is finished as soon as all its results are there; else by journal_unit(). */
	bool by_results;
	s64 began_ms; /* of the run, UNIX time: results get the time since; 0: not known */
	int (*unit)(void *arg); /* after each unit; 0, or -errno, which the target gets */
	void *arg;
};

/* CPU seconds that other processes and the hypervisor below took; < 0: not known. */
struct background_cpu {
	double others, stolen;
};

/* The time of a run over all its processes: of all CPUs, and of those that were measured. */
struct journal_time {
	double seconds;
	struct background_cpu all, measured;
};

/* In `folder`. Plan, storms and writer must outlive the journal. -errno and why. */
int journal_create(const char *folder, const struct journal_options *options,
		   struct journal **journal, char *why);
/*
 * Opens the one that another process has left, passes its units to options->sink but for records,
 * and has options->writer continue the arrays of all storms. durable: only units that were on the
 * disk for certain, because the machine has been rebooted. -EBADMSG: damaged, or of another plan.
 */
int journal_open(const char *folder, const struct journal_options *options, bool durable,
		 struct journal **journal, struct journal_time *time, char *why);
void journal_close(struct journal *journal); /* NULL is fine */

/* The sink for the target. */
void journal_sink(struct journal *journal, struct run_sink *sink);
/* The unit is finished. 0, or -errno: the sink's, options->unit's, or of writing. */
int journal_unit(struct journal *journal, const struct storm *storm, u16 repeat);
/* Forgets what was reported of units that are not finished. */
void journal_drop(struct journal *journal);
bool journal_has(const struct journal *journal, const struct storm *storm, u16 repeat);
/* How many repeats, from the first on, are finished. */
u32 journal_repeats(const struct journal *journal, const struct storm *storm);
u64 journal_units(const struct journal *journal);
/* To be called when all that the units have in arrays is on the disk. 0 or -errno. */
int journal_sync(struct journal *journal, const struct journal_time *time);
/* The reason why a function has returned an error of its own; "": another one has it. */
const char *journal_error(const struct journal *journal);

#endif
