/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run folder, exitstorm-run/1: run.json, samples/<storm>.npy, histograms/<storm>.npy.
 * results/README.md defines each field, results/schema.json their form. Functions return 0 or
 * -errno and put one line into `why` (RUN_WHY bytes).
 */
#ifndef RESULTS_RUN_H
#define RESULTS_RUN_H

#include <jansson.h>

#include "../trace/histogram.h"
#include "../trace/record.h"
#include "why.h"

#define RUN_SCHEMA "exitstorm-run/1"

/* In ticks; NAN: not known. Quantiles are made from the histogram and have its buckets' error. */
struct leg_stats {
	u64 count;
	double min, p50, p90, p99, p999, max, mean, stddev, mad;
};

enum run_quantile { RUN_P50, RUN_P99, RUN_P999, RUN_QUANTILES };

/* The centre of the repeats' quantiles, which stands for a leg. analysis/stats fills it. */
struct run_figure {
	double ticks, low, high; /* 95 %; low and high are NAN: one repeat only */
	u32 repeats;		 /* 0: there is no figure */
	bool clean;		 /* of undisturbed records */
};

struct run_leg {
	char *site; /* NULL: the storm has no such leg */
	struct leg_stats all, clean;
	double ci_low, ci_high; /* 95 % of p50 across repeats; NAN: one repeat only */
	struct run_figure figure[RUN_QUANTILES];
};

struct run_storm {
	char *name, *kind;
	char *status;  /* measured, no_exit, skipped, failed */
	char *why;     /* reason of the status; NULL: measured */
	char *samples; /* path within the folder; NULL: none were kept */
	u64 exits, expected, disturbed, lost;
	struct run_leg leg[LEGS];
	void *cache;  /* of analysis/stats, one allocation; NULL: none */
	json_t *json; /* the whole object, with the members that have no field above: raw_reason,
			 exits_per_op, cpl, repeats[], control{} … */
};

struct run {
	char *path;   /* the folder; "" after run_parse */
	json_t *json; /* run.json */
	struct run_storm *storm;
	size_t storms;
	json_t *by_name; /* the index of each storm */
};

/*
 * Reads and checks a run folder. -errno and why: damaged, no run, or a newer format. Arrays are not
 * read, but one that is a link, a FIFO or a device makes the run a damaged one.
 */
int run_open(const char *path, struct run **run, char *why);
void run_close(struct run *run); /* NULL is fine */
/* Leaves out the storms that are not wanted, as if the run did not have them. */
void run_keep(struct run *run, bool (*wanted)(void *arg, const char *storm), void *arg);
/*
 * The same for the text of run.json, and for its JSON, of which run_parse takes over the reference
 * even on errors.
 */
int run_parse_text(const char *text, size_t size, struct run **run, char *why);
int run_parse(json_t *json, struct run **run, char *why);
/* Storm names become file names: letters, digits, "_", "-", and "." but not first. */
bool run_name_ok(const char *name);

/* "interrupted" of run.json; NULL: the run is complete. */
const json_t *run_interrupted(const struct run *run);
const struct run_storm *run_storm_find(const struct run *run, const char *name);
/* The value at a path ("host.cpu.brand"); NULL: there is none. */
const json_t *run_get(const struct run *run, const char *path);
/* The string at a path; "": there is none. */
const char *run_string(const struct run *run, const char *path);

/* One row of histograms/<storm>.npy. */
struct histogram_row {
	u16 repeat, vcpu, leg, clean;
	u32 bucket, reserved;
	u64 count;
};
#define RUN_HISTOGRAM_DTYPE                                                       \
	"[('repeat', '<u2'), ('vcpu', '<u2'), ('leg', '<u2'), ('clean', '<u2'), " \
	"('bucket', '<u4'), ('reserved', '<u4'), ('count', '<u8')]"
#define RUN_RECORD_DTYPE                                                                         \
	"[('guest_out', '<u8'), ('kernel_in', '<u8'), ('host_in', '<u8'), ('host_out', '<u8'), " \
	"('kernel_out', '<u8'), ('guest_in', '<u8'), ('iteration', '<u4'), "                     \
	"('raw_reason', '<u4'), ('vcpu', '<u2'), ('repeat', '<u2'), ('flags', '<u4')]"

/*
 * Calls back for each row; memory does not grow with the file. A result that is not 0 ends the loop
 * and is returned. Rows are checked: bucket < HISTOGRAM_BUCKETS, clean is 0 or 1; rows of unknown
 * legs are skipped. -ENOENT: the storm has no such array.
 */
int run_histogram(const struct run *run, const char *storm,
		  int (*row)(void *arg, const struct histogram_row *row), void *arg, char *why);
int run_samples(const struct run *run, const char *storm,
		int (*record)(void *arg, const struct record *record), void *arg, char *why);
/* The same in blocks, which is faster for large arrays. */
int run_sample_blocks(const struct run *run, const char *storm,
		      int (*block)(void *arg, const struct record *record, size_t count), void *arg,
		      char *why);

/*
 * Copies all arrays to `to`/histograms/<storm>.npy and `to`/samples/<storm>.npy, byte for byte;
 * `to` has both folders, empty. Rows are checked meanwhile. Errors: an array that run.json promises
 * (samples, and the histogram of a storm with figures) is missing; any array that is there is no
 * regular file, cut off or impossible.
 */
int run_copy_arrays(const struct run *run, const char *to, char *why);
/*
 * Copies run.json, byte for byte, to the new file `to`. -ESTALE: it is no longer what run_open
 * read.
 */
int run_copy_json(const struct run *run, const char *to, char *why);

/*
 * Writing. All goes into a temporary folder (.exitstorm-run-XXXXXX) beside `path`, which run_commit
 * renames and run_abort removes, so that an incomplete run leaves nothing that looks like a run.
 * Folders above `path` are created.
 */
struct run_writer;
int run_create(const char *path, struct run_writer **writer, char *why); /* -EEXIST: not empty */
/* Appends to the arrays of a storm. */
int run_add_histogram(struct run_writer *writer, const char *storm, u16 repeat, u16 vcpu, u16 leg,
		      u16 clean, const struct histogram *histogram, char *why);
int run_add_records(struct run_writer *writer, const char *storm, const struct record *records,
		    u32 count, char *why);
/*
 * Writes run.json and renames the folder. Takes over `json`, which has all members but "schema" and
 * each storm's "samples". Refuses what run_open would refuse. Frees the writer in any case. Where
 * another process has taken the run's path meanwhile, the run gets the next free of PATH-2, PATH-3,
 * …; *path (allocated, may be NULL) is replaced by it.
 */
int run_commit(struct run_writer *writer, json_t *json, char **path, char *why);
/*
 * run_commit calls this with the run, as run_open will give it, before it writes run.json: members
 * that are added to run->json are written. 0 or -errno and `why`.
 */
void run_complete_by(struct run_writer *writer, int (*complete)(struct run *run, char *why));
void run_abort(struct run_writer *writer); /* NULL is fine */

/*
 * Writing into a folder that the caller has made and moves: run_abort leaves it as it is. Arrays
 * of an interrupted run that are in it are continued after run_keep_arrays(), else run_add_…()
 * fails.
 */
struct run_writer *run_create_in(const char *folder);
/* The folder is now at `folder`. */
void run_moved(struct run_writer *writer, const char *folder);
struct run_items {
	u64 rows, records; /* of histograms/ and samples/ */
};
/* The items of a storm's arrays so far; they belong to the run from now on. */
struct run_items run_count_items(struct run_writer *writer, const char *storm);
/* Cuts a storm's arrays to these, and continues them. -EBADMSG: they have fewer. */
int run_keep_arrays(struct run_writer *writer, const char *storm, struct run_items items,
		    char *why);
/*
 * Has all that was written so far on the disk, with run.json of it, which replaces the one before
 * as a whole. Writing can go on. Takes over `json`, as run_commit does. Its "interrupted", if it
 * has one, gets "arrays": the items that belonged to the run at the last run_count_items(). Those
 * that were appended since are a part of something that is not finished. Without it all belong to
 * it.
 */
int run_save(struct run_writer *writer, json_t *json, char *why);

/* The JSON of a leg, {site, all{}, clean{}, p50_ci95, centre{}}. A new reference. */
json_t *run_leg_json(const struct run_leg *leg);
/* A JSON number; null for NAN and infinity, which JSON does not have. A new reference. */
json_t *run_number(double value);

#endif
