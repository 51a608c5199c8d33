// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes run folders, complete or not at all. */
#include "compose.h"
#include "memory.h"
#include "run_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Decimal numbers of up to 15 digits are printed as they were given. */
#define REAL_DIGITS 15

const struct array_kind_row array_kind[ARRAY_KINDS] = {
	[ARRAY_HISTOGRAM] = {"histograms", RUN_HISTOGRAM_DTYPE, sizeof(struct histogram_row)},
	[ARRAY_SAMPLES] = {"samples", RUN_RECORD_DTYPE, sizeof(struct record)},
};

char *run_join(const char *folder, const char *name, const char *suffix)
{
	return memory_format("%s/%s%s", folder, name, suffix);
}

int run_create(const char *path, struct run_writer **writer, char *why)
{
	struct run_writer *made = memory_new(1, sizeof(*made));
	int error;

	error = run_folder_create(&made->folder, path, why);
	made->path = memory_text(made->folder.temporary.path);
	if (error)
		run_abort(made);
	else
		*writer = made;
	return error;
}

struct run_writer *run_create_in(const char *folder)
{
	struct run_writer *made = memory_new(1, sizeof(*made));

	made->path = memory_text(folder);
	return made;
}

/* Ends */

static void writer_free(struct run_writer *writer)
{
	for (size_t i = 0; i < writer->arrays; i++) {
		npy_abandon(writer->array[i].npy);
		free(writer->array[i].storm);
	}
	free(writer->array);
	free(writer->path);
	run_folder_free(&writer->folder);
	free(writer);
}

void run_abort(struct run_writer *writer)
{
	if (!writer)
		return;
	if (writer->folder.path)
		run_folder_remove(&writer->folder);
	writer_free(writer);
}

/* Arrays */

struct array *run_known_array(const struct run_writer *writer, enum array_kind kind,
			      const char *storm)
{
	for (size_t i = 0; i < writer->arrays; i++)
		if (writer->array[i].kind == kind && strcmp(writer->array[i].storm, storm) == 0)
			return &writer->array[i];
	return NULL;
}

char *run_array_path(const struct run_writer *writer, enum array_kind kind, const char *storm)
{
	return memory_format("%s/%s/%s.npy", writer->path, array_kind[kind].folder, storm);
}

struct array *run_new_array(struct run_writer *writer, enum array_kind kind, const char *storm)
{
	struct array *array;

	writer->array = memory_resize(writer->array, writer->arrays + 1, sizeof(*array));
	array = &writer->array[writer->arrays];
	*array = (struct array){.kind = kind, .storm = memory_text(storm)};
	return array;
}

/* In an interrupted run, which may come from elsewhere, it may be a link that leads out of it. */
static int check_folder(const char *folder, char *why)
{
	struct stat stat;

	if (!lstat(folder, &stat) && !S_ISDIR(stat.st_mode))
		return why_say(why, -ENOTDIR, "%s: is not a folder", why_path(folder));
	return 0;
}

/* needed: it is made. */
int run_array_folder(const struct run_writer *writer, enum array_kind kind, bool needed, char *why)
{
	char *folder = run_join(writer->path, array_kind[kind].folder, "");
	int error = 0;

	if (needed && mkdir(folder, 0777) < 0 && errno != EEXIST)
		error = why_say(why, -errno, "%s: cannot be made: %s", why_path(folder),
				strerror(errno));
	if (!error)
		error = check_folder(folder, why);
	free(folder);
	return error;
}

/* Finds the array of a storm, and creates it on first use. */
static int find_array(struct run_writer *writer, enum array_kind kind, const char *storm,
		      struct array **found, char *why)
{
	struct array *array = run_known_array(writer, kind, storm);
	char *path;
	int error;

	*found = array;
	if (array)
		return 0;
	if (!run_name_ok(storm))
		return why_say(why, -EINVAL, "\"%.100s\" cannot be the name of a storm", storm);
	array = run_new_array(writer, kind, storm);
	path = run_array_path(writer, kind, storm);
	error = run_array_folder(writer, kind, true, why);
	if (!error)
		error = npy_create(path, array_kind[kind].dtype, array_kind[kind].item_size,
				   &array->npy, why);
	if (error)
		free(array->storm);
	else
		writer->arrays++;
	free(path);
	*found = array;
	return error;
}

static int append(struct array *array, const void *items, size_t count, char *why)
{
	array->dirty = true;
	return npy_append(array->npy, items, count, why);
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
		error = append(array, row, used, why);
	free(row);
	return error;
}

int run_add_records(struct run_writer *writer, const char *storm, const struct record *records,
		    u32 count, char *why)
{
	struct array *array;
	int error = find_array(writer, ARRAY_SAMPLES, storm, &array, why);

	return error ? error : append(array, records, count, why);
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

void run_complete_by(struct run_writer *writer, int (*complete)(struct run *run, char *why))
{
	writer->complete = complete;
}

/* The run's arrays are finished, or saved, but may be in a temporary folder. */
static int complete_run(const struct run_writer *writer, struct run *run, char *why)
{
	char *path = memory_text(writer->path);

	free(run->path);
	run->path = path;
	return writer->complete(run, why);
}

/* Adds "schema" and "samples", and checks the result as readers do. A new reference, or NULL. */
json_t *run_complete_json(const struct run_writer *writer, const json_t *json, int *error,
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

		if (name && run_known_array(writer, ARRAY_SAMPLES, name))
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

int run_write_json(const struct run_writer *writer, const char *name, const json_t *json, char *why)
{
	char *path = run_join(writer->path, name, "");
	int error = compose_write(json, path, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS));

	if (error)
		why_say(why, error, "%s: cannot be written: %s", why_path(path), strerror(-error));
	free(path);
	return error;
}

int run_commit(struct run_writer *writer, json_t *json, char **path, char *why)
{
	int error = finish_arrays(writer, why);
	json_t *whole = error ? NULL : run_complete_json(writer, json, &error, why);

	if (!error)
		error = run_write_json(writer, "run.json", whole, why);
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
