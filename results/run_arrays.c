// SPDX-License-Identifier: GPL-2.0-or-later
/* The arrays of a run, which may come from anywhere and are not trusted. */
#include "inside.h"
#include "memory.h"
#include "npy.h"
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct histogram_row) == 24, "RUN_HISTOGRAM_DTYPE");

/*
 * Of an interrupted run only the items that run.json counts belong to it: whatever follows them is
 * of a storm that was not finished. -ENOENT: none does.
 */
static int open_part(const struct run *run, int fd, const char *path, const char *relative,
		     const char *descr, size_t size, struct npy **npy, char *why)
{
	const json_t *arrays = json_object_get(run_interrupted(run), "arrays");
	json_int_t items = json_integer_value(json_object_get(arrays, relative));

	if (items > 0)
		return npy_open_part(fd, path, descr, size, (u64)items, npy, why);
	close(fd);
	return why_say(why, -ENOENT, "%s: nothing of it belongs to the interrupted run",
		       why_path(path));
}

/* Opens an array of a storm. -errno and why: there is none. */
static int open_array(const struct run *run, const char *relative, const char *descr, size_t size,
		      struct npy **npy, char *why)
{
	size_t room = strlen(run->path) + strlen(relative) + 2;
	char *path;
	u64 count;
	int error, fd = inside_open(run->path, relative, why);

	if (fd < 0)
		return fd;
	path = memory_get(room);
	snprintf(path, room, "%s/%s", run->path, relative);
	error = run_interrupted(run) ? open_part(run, fd, path, relative, descr, size, npy, why)
				     : npy_open(fd, path, descr, size, npy, &count, why);
	free(path);
	return error;
}

static int check_row(const struct run *run, const char *storm, const struct histogram_row *row,
		     u64 *total, char *why)
{
	if (row->bucket < HISTOGRAM_BUCKETS && row->clean <= 1 &&
	    !__builtin_add_overflow(*total, row->count, total))
		return 0;
	return why_say(
		why, -EBADMSG,
		"%s: histograms/%s.npy: has an impossible row (bucket %u, clean %u, count %llu)",
		why_path(run->path), storm, row->bucket, row->clean,
		(unsigned long long)row->count);
}

/* The path within a run's folder. */
#define RELATIVE 128

static void histogram_path(char path[RELATIVE], const char *storm)
{
	snprintf(path, RELATIVE, "histograms/%s.npy", storm);
}

struct row_reader {
	const struct run *run;
	const char *storm;
	u64 total;
	int (*row)(void *arg, const struct histogram_row *row);
	void *arg;
	char *why;
};

static int each_row(void *arg, const void *items, size_t count)
{
	const struct histogram_row *item = items;
	struct row_reader *rows = arg;
	int error = 0;

	for (size_t i = 0; !error && i < count; i++) {
		error = check_row(rows->run, rows->storm, &item[i], &rows->total, rows->why);
		if (!error && item[i].leg < LEGS)
			error = rows->row(rows->arg, &item[i]);
	}
	return error;
}

int run_histogram(const struct run *run, const char *storm,
		  int (*row)(void *arg, const struct histogram_row *row), void *arg, char *why)
{
	struct row_reader rows = {.run = run, .storm = storm, .row = row, .arg = arg, .why = why};
	char relative[RELATIVE];
	struct npy *npy;
	int error;

	if (!run_storm_find(run, storm))
		return why_say(why, -ENOENT, "%s: has no storm %s", why_path(run->path), storm);
	histogram_path(relative, storm);
	error = open_array(run, relative, RUN_HISTOGRAM_DTYPE, sizeof(struct histogram_row), &npy,
			   why);
	if (error)
		return error;
	error = npy_each(npy, each_row, &rows, why);
	npy_close(npy);
	return error;
}

struct one_by_one {
	int (*record)(void *arg, const struct record *record);
	void *arg;
};

static int each_record(void *arg, const struct record *record, size_t count)
{
	const struct one_by_one *one = arg;
	int error = 0;

	for (size_t i = 0; !error && i < count; i++)
		error = one->record(one->arg, &record[i]);
	return error;
}

int run_samples(const struct run *run, const char *storm,
		int (*record)(void *arg, const struct record *record), void *arg, char *why)
{
	struct one_by_one one = {record, arg};

	return run_sample_blocks(run, storm, each_record, &one, why);
}

struct blocks {
	int (*block)(void *arg, const struct record *record, size_t count);
	void *arg;
};

static int pass_block(void *arg, const void *items, size_t count)
{
	const struct blocks *blocks = arg;

	return blocks->block(blocks->arg, items, count);
}

int run_sample_blocks(const struct run *run, const char *storm,
		      int (*block)(void *arg, const struct record *record, size_t count), void *arg,
		      char *why)
{
	const struct run_storm *found = run_storm_find(run, storm);
	struct blocks blocks = {block, arg};
	struct npy *npy;
	int error;

	if (!found)
		return why_say(why, -ENOENT, "%s: has no storm %s", why_path(run->path), storm);
	if (!found->samples)
		return why_say(why, -ENOENT, "%s: kept no samples of %s", why_path(run->path),
			       storm);
	error = open_array(run, found->samples, RUN_RECORD_DTYPE, sizeof(struct record), &npy, why);
	if (error)
		return error;
	error = npy_each(npy, pass_block, &blocks, why);
	npy_close(npy);
	return error;
}

/* Copying */

struct rows {
	const struct run *run;
	const char *storm;
	u64 total;
	char *why;
};

static int check_rows(void *arg, const void *items, size_t count)
{
	const struct histogram_row *row = items;
	struct rows *rows = arg;
	int error = 0;

	for (size_t i = 0; !error && i < count; i++)
		error = check_row(rows->run, rows->storm, &row[i], &rows->total, rows->why);
	return error;
}

/* Any 64 bytes can be a record. */
static int accept_records(void *arg, const void *items, size_t count)
{
	(void)arg;
	(void)items;
	(void)count;
	return 0;
}

/* The cost of an operation that does not exit is in run.json alone. */
static bool has_figures(const struct run_storm *storm)
{
	for (int i = 0; i < LEGS; i++)
		if (storm->leg[i].site && storm->leg[i].all.count)
			return true;
	return false;
}

static int copy_path(char path[PATH_MAX], const char *to, const char *kind, const char *storm,
		     char *why)
{
	if (snprintf(path, PATH_MAX, "%s/%s/%s.npy", to, kind, storm) < PATH_MAX)
		return 0;
	return why_say(why, -ENAMETOOLONG, "%s: the path is too long", storm);
}

static int copy_histogram(const struct run *run, const struct run_storm *storm, const char *to,
			  char *why)
{
	struct rows rows = {.run = run, .storm = storm->name, .why = why};
	char relative[RELATIVE], path[PATH_MAX];
	struct npy *npy;
	int error = copy_path(path, to, "histograms", storm->name, why);

	if (error)
		return error;
	histogram_path(relative, storm->name);
	error = open_array(run, relative, RUN_HISTOGRAM_DTYPE, sizeof(struct histogram_row), &npy,
			   why);
	if (error == -ENOENT && !has_figures(storm))
		return 0;
	if (error)
		return error;
	error = npy_copy(npy, path, check_rows, &rows, why);
	npy_close(npy);
	return error;
}

static int copy_samples(const struct run *run, const struct run_storm *storm, const char *to,
			char *why)
{
	char path[PATH_MAX];
	struct npy *npy;
	int error = copy_path(path, to, "samples", storm->name, why);

	if (!error)
		error = open_array(run, storm->samples, RUN_RECORD_DTYPE, sizeof(struct record),
				   &npy, why);
	if (error)
		return error;
	error = npy_copy(npy, path, accept_records, NULL, why);
	npy_close(npy);
	return error;
}

int run_copy_arrays(const struct run *run, const char *to, char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < run->storms; i++) {
		error = copy_histogram(run, &run->storm[i], to, why);
		if (!error && run->storm[i].samples)
			error = copy_samples(run, &run->storm[i], to, why);
	}
	return error;
}
