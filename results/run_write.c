// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes run folders, complete or not at all. */
#include "compose.h"
#include "memory.h"
#include "npy.h"
#include "run.h"
#include "run_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Decimal numbers of up to 15 digits are printed as they were given. */
#define REAL_DIGITS 15

enum array_kind { ARRAY_HISTOGRAM, ARRAY_SAMPLES, ARRAY_KINDS };

static const struct {
	const char *folder, *dtype;
	size_t item_size;
} array_kind[ARRAY_KINDS] = {
	[ARRAY_HISTOGRAM] = {"histograms", RUN_HISTOGRAM_DTYPE, sizeof(struct histogram_row)},
	[ARRAY_SAMPLES] = {"samples", RUN_RECORD_DTYPE, sizeof(struct record)},
};

struct array {
	enum array_kind kind;
	char *storm;
	struct npy *npy;
};

struct run_writer {
	struct run_folder folder;
	struct array *array;
	size_t arrays;
	int (*complete)(struct run *run, char *why);
};

static char *join(const char *folder, const char *name, const char *suffix)
{
	return memory_format("%s/%s%s", folder, name, suffix);
}

int run_create(const char *path, struct run_writer **writer, char *why)
{
	struct run_writer *made = memory_new(1, sizeof(*made));
	int error;

	error = run_folder_create(&made->folder, path, why);
	if (error)
		run_abort(made);
	else
		*writer = made;
	return error;
}

/* Ends */

static void writer_free(struct run_writer *writer)
{
	for (size_t i = 0; i < writer->arrays; i++) {
		npy_abandon(writer->array[i].npy);
		free(writer->array[i].storm);
	}
	free(writer->array);
	run_folder_free(&writer->folder);
	free(writer);
}

void run_abort(struct run_writer *writer)
{
	if (!writer)
		return;
	run_folder_remove(&writer->folder);
	writer_free(writer);
}

/* Arrays */

/* Finds the array of a storm, and creates it on first use. */
static int find_array(struct run_writer *writer, enum array_kind kind, const char *storm,
		      struct array **found, char *why)
{
	struct array *array;
	char *folder, *path;
	int error = 0;

	for (size_t i = 0; i < writer->arrays; i++) {
		*found = &writer->array[i];
		if ((*found)->kind == kind && strcmp((*found)->storm, storm) == 0)
			return 0;
	}
	if (!run_name_ok(storm))
		return why_say(why, -EINVAL, "\"%.100s\" cannot be the name of a storm", storm);
	array = memory_resize(writer->array, writer->arrays + 1, sizeof(*array));
	writer->array = array;
	array += writer->arrays;
	array->kind = kind;
	array->storm = memory_text(storm);
	folder = join(writer->folder.temporary.path, array_kind[kind].folder, "");
	path = join(folder, storm, ".npy");
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		error = why_say(why, -errno, "%s: cannot be made: %s", why_path(folder),
				strerror(errno));
	if (!error)
		error = npy_create(path, array_kind[kind].dtype, array_kind[kind].item_size,
				   &array->npy, why);
	if (error)
		free(array->storm);
	else
		writer->arrays++;
	free(path);
	free(folder);
	*found = array;
	return error;
}

int run_add_histogram(struct run_writer *writer, const char *storm, u16 repeat, u16 vcpu, u16 leg,
		      u16 clean, const struct histogram *histogram, char *why)
{
	struct histogram_row *row;
	struct array *array;
	size_t rows = 0, used = 0;
	u32 first, last;
	int error;

	if (!histogram->count)
		return 0;
	histogram_used(histogram, &first, &last);
	for (u32 i = first; i <= last; i++)
		rows += histogram->bucket[i] != 0;
	row = memory_new(rows, sizeof(*row));
	for (u32 i = first; i <= last; i++)
		if (histogram->bucket[i])
			row[used++] = (struct histogram_row){
				.repeat = repeat,
				.vcpu = vcpu,
				.leg = leg,
				.clean = clean,
				.bucket = i,
				.count = histogram->bucket[i],
			};
	error = find_array(writer, ARRAY_HISTOGRAM, storm, &array, why);
	if (!error)
		error = npy_append(array->npy, row, used, why);
	free(row);
	return error;
}

int run_add_records(struct run_writer *writer, const char *storm, const struct record *records,
		    u32 count, char *why)
{
	struct array *array;
	int error = find_array(writer, ARRAY_SAMPLES, storm, &array, why);

	return error ? error : npy_append(array->npy, records, count, why);
}

/* Commit */

static int finish_arrays(struct run_writer *writer, char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < writer->arrays; i++) {
		error = npy_finish(writer->array[i].npy, why);
		writer->array[i].npy = NULL;
	}
	return error;
}

static bool has_samples(const struct run_writer *writer, const char *storm)
{
	for (size_t i = 0; i < writer->arrays; i++)
		if (writer->array[i].kind == ARRAY_SAMPLES &&
		    strcmp(writer->array[i].storm, storm) == 0)
			return true;
	return false;
}

void run_complete_by(struct run_writer *writer, int (*complete)(struct run *run, char *why))
{
	writer->complete = complete;
}

/* The run's arrays are finished, but still in the temporary folder. */
static int complete_run(const struct run_writer *writer, struct run *run, char *why)
{
	char *path = memory_text(writer->folder.temporary.path);

	free(run->path);
	run->path = path;
	return writer->complete(run, why);
}

/* Adds "schema" and "samples", and checks the result as readers do. A new reference, or NULL. */
static json_t *complete_json(const struct run_writer *writer, const json_t *json, int *error,
			     char *why)
{
	json_t *whole = compose_pack("{s:s}", "schema", RUN_SCHEMA); /* comes first in the file */
	struct run *run;
	json_t *storm;
	size_t i;

	if (json_object_update_missing(whole, (json_t *)json)) {
		*error = why_say(why, -EINVAL, "run.json: is not an object");
		json_decref(whole);
		return NULL;
	}
	json_array_foreach (json_object_get(whole, "storms"), i, storm) {
		const char *name = json_string_value(json_object_get(storm, "name"));

		if (name && has_samples(writer, name))
			compose_set(storm, "samples", compose_format("samples/%s.npy", name));
		else
			compose_set(storm, "samples", json_null());
	}
	*error = run_parse(json_incref(whole), &run, why);
	if (*error)
		return whole;
	if (writer->complete)
		*error = complete_run(writer, run, why);
	run_close(run);
	return whole;
}

static int write_json(const struct run_writer *writer, const json_t *json, char *why)
{
	char *path = join(writer->folder.temporary.path, "run.json", "");
	int error = 0;
	FILE *file;

	file = fopen(path, "wex");
	if (!file) {
		error = -errno;
	} else {
		errno = 0;
		if (json_dumpf(json, file, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS)) ||
		    putc('\n', file) == EOF || fflush(file))
			error = errno ? -errno : -EIO;
		if (fclose(file) && !error)
			error = -errno;
	}
	if (error)
		why_say(why, error, "%s: cannot be written: %s", why_path(path), strerror(-error));
	free(path);
	return error;
}

int run_commit(struct run_writer *writer, json_t *json, char **path, char *why)
{
	int error = finish_arrays(writer, why);
	json_t *whole = error ? NULL : complete_json(writer, json, &error, why);

	if (!error)
		error = write_json(writer, whole, why);
	json_decref(whole);
	json_decref(json);
	if (!error)
		error = run_folder_commit(&writer->folder, why);
	if (error) {
		run_abort(writer);
		return error;
	}
	if (path) { /* by the one that the run got */
		free(*path);
		*path = writer->folder.path;
		writer->folder.path = NULL;
	}
	writer_free(writer);
	return 0;
}
