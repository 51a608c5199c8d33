// SPDX-License-Identifier: GPL-2.0-or-later
/* Run folders to disk: whole or not at all. */
#include "npy.h"
#include "run.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Short enough that every number given in decimal is printed as it was given. */
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
	char *path;	 /* where the run will be */
	char *parent;	 /* the folder that it will be in */
	unsigned made;	 /* how many folders of `parent`, from its end, were made for it */
	char *temporary; /* in `parent`; NULL: not made, or renamed */
	struct array *array;
	size_t arrays;
};

static char *join(const char *folder, const char *name, const char *suffix)
{
	char *path;

	return asprintf(&path, "%s/%s%s", folder, name, suffix) < 0 ? NULL : path;
}

static int no_memory(char *why)
{
	return why_say(why, -ENOMEM, "no memory");
}

/* Where the run goes */

static int check_empty(const char *path, char *why)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool empty = true;

	if (!folder)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	while (empty && (entry = readdir(folder)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(folder);
	return empty ? 0
		     : why_say(why, -EEXIST, "%s: is there already and is not empty",
			       why_path(path));
}

/*
 * A folder that is there is replaced by the rename, which a mount point and the current folder
 * would not survive: better said now than after an hour.
 */
static int check_replaceable(const char *path, const struct stat *target, char *why)
{
	struct stat here, above;
	char *parent = join(path, "..", "");
	int error = 0;

	if (!parent)
		return no_memory(why);
	if (stat(parent, &above) < 0)
		error = why_say(why, -errno, "%s: %s", why_path(parent), strerror(errno));
	else if (above.st_dev != target->st_dev || above.st_ino == target->st_ino)
		error = why_say(why, -EBUSY, "%s: is a mount point: name a folder in it",
				why_path(path));
	else if (stat(".", &here) == 0 && here.st_dev == target->st_dev &&
		 here.st_ino == target->st_ino)
		error = why_say(why, -EBUSY, "%s: is the current folder: name one in it",
				why_path(path));
	free(parent);
	return error;
}

/* Sets writer->path: without slashes at its end, and of a link to a folder the folder. */
static int resolve(struct run_writer *writer, const char *path, char *why)
{
	size_t length = strlen(path);
	struct stat target;
	int error;

	while (length > 1 && path[length - 1] == '/')
		length--;
	writer->path = strndup(path, length);
	if (!writer->path)
		return no_memory(why);
	if (!length)
		return why_say(why, -EINVAL, "the run's folder has no name");
	if (lstat(writer->path, &target) < 0) {
		const char *slash = strrchr(writer->path, '/');
		const char *name = slash ? slash + 1 : writer->path;

		if (errno != ENOENT)
			return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			return why_say(why, -ENOENT, "%s: there is no such folder", why_path(path));
		return 0;
	}
	if (stat(writer->path, &target) < 0)
		return why_say(why, -EEXIST, "%s: is a link that leads nowhere", why_path(path));
	if (!S_ISDIR(target.st_mode))
		return why_say(why, -ENOTDIR, "%s: is there already and is not a folder",
			       why_path(path));
	error = check_empty(writer->path, why);
	if (!error)
		error = check_replaceable(writer->path, &target, why);
	if (!error) {
		char *real = realpath(writer->path, NULL);

		if (!real)
			return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
		free(writer->path);
		writer->path = real;
	}
	return error;
}

/* mkdir -p, and counts what it made. */
static int make_parent(struct run_writer *writer, char *why)
{
	char *slash = strrchr(writer->path, '/');
	char *at;

	if (!slash)
		writer->parent = strdup(".");
	else
		writer->parent =
			strndup(writer->path, slash == writer->path ? 1 : slash - writer->path);
	if (!writer->parent)
		return no_memory(why);
	for (at = writer->parent; *at; at += strspn(at, "/")) {
		struct stat folder;
		int error = 0;
		char after;

		at += strspn(at, "/");
		at += strcspn(at, "/");
		after = *at;
		*at = 0;
		if (stat(writer->parent, &folder) == 0)
			error = S_ISDIR(folder.st_mode) ? 0 : ENOTDIR;
		else if (mkdir(writer->parent, 0777) == 0)
			writer->made++;
		else
			error = errno;
		if (error)
			return why_say(why, -error, "%s: cannot be made: %s",
				       why_path(writer->parent), strerror(error));
		*at = after;
	}
	return 0;
}

/* Hidden, and with the permissions that the umask gives, which mkdtemp would not. */
static int make_temporary(struct run_writer *writer, char *why)
{
	int error = EEXIST;

	for (int tries = 0; error == EEXIST && tries < 100; tries++) {
		char suffix[7];
		u32 random = 0;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			random = (u32)getpid() + (u32)tries;
		snprintf(suffix, sizeof(suffix), "%06x", random & 0xffffff);
		writer->temporary = join(writer->parent, ".exitstorm-", suffix);
		if (!writer->temporary)
			return no_memory(why);
		if (mkdir(writer->temporary, 0777) == 0)
			return 0;
		error = errno;
		free(writer->temporary);
		writer->temporary = NULL;
	}
	return why_say(why, -error, "%s: cannot be written to: %s", why_path(writer->parent),
		       strerror(error));
}

int run_create(const char *path, struct run_writer **writer, char *why)
{
	struct run_writer *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return no_memory(why);
	error = resolve(made, path, why);
	if (!error)
		error = make_parent(made, why);
	if (!error)
		error = make_temporary(made, why);
	if (error)
		run_abort(made);
	else
		*writer = made;
	return error;
}

/* Ends */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	remove(path); /* what cannot be removed must not keep the rest */
	return 0;
}

static void writer_free(struct run_writer *writer)
{
	for (size_t i = 0; i < writer->arrays; i++) {
		npy_abandon(writer->array[i].npy);
		free(writer->array[i].storm);
	}
	free(writer->array);
	free(writer->temporary);
	free(writer->parent);
	free(writer->path);
	free(writer);
}

void run_abort(struct run_writer *writer)
{
	if (!writer)
		return;
	if (writer->temporary)
		nftw(writer->temporary, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	/* Only those that are still empty go. */
	while (writer->made-- && rmdir(writer->parent) == 0) {
		char *slash = strrchr(writer->parent, '/');

		if (slash)
			*slash = 0;
	}
	writer_free(writer);
}

/* Arrays */

/* The array of a storm; made when it is first asked for. */
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
	array = reallocarray(writer->array, writer->arrays + 1, sizeof(*array));
	if (!array)
		return no_memory(why);
	writer->array = array;
	array += writer->arrays;
	array->kind = kind;
	array->storm = strdup(storm);
	folder = join(writer->temporary, array_kind[kind].folder, "");
	path = folder ? join(folder, storm, ".npy") : NULL;
	if (!array->storm || !path)
		error = no_memory(why);
	else if (mkdir(folder, 0777) < 0 && errno != EEXIST)
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
	int error;

	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		rows += histogram->bucket[i] != 0;
	row = calloc(rows + 1, sizeof(*row));
	if (!row)
		return no_memory(why);
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
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

/* What the writer knows best, and then what every reader will check. A new reference, or NULL. */
static json_t *complete_json(const struct run_writer *writer, const json_t *json, int *error,
			     char *why)
{
	json_t *whole = json_pack("{s:s}", "schema", RUN_SCHEMA); /* first, for people */
	struct run *run;
	json_t *storm;
	size_t i;

	if (!whole || json_object_update_missing(whole, (json_t *)json)) {
		*error = why_say(why, -EINVAL, "run.json: is not an object");
		json_decref(whole);
		return NULL;
	}
	json_array_foreach (json_object_get(whole, "storms"), i, storm) {
		const char *name = json_string_value(json_object_get(storm, "name"));

		if (name && has_samples(writer, name))
			json_object_set_new(storm, "samples", json_sprintf("samples/%s.npy", name));
		else
			json_object_set_new(storm, "samples", json_null());
	}
	*error = run_parse(json_incref(whole), &run, why);
	if (!*error)
		run_close(run);
	return whole;
}

static int write_json(const struct run_writer *writer, const json_t *json, char *why)
{
	char *path = join(writer->temporary, "run.json", "");
	int error = 0;
	FILE *file;

	if (!path)
		return no_memory(why);
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

int run_commit(struct run_writer *writer, json_t *json, char *why)
{
	int error;
	json_t *whole = complete_json(writer, json, &error, why);

	if (!error)
		error = finish_arrays(writer, why);
	if (!error)
		error = write_json(writer, whole, why);
	json_decref(whole);
	json_decref(json);
	if (error) {
		run_abort(writer);
		return error;
	}
	if (rename(writer->temporary, writer->path) < 0)
		error = why_say(why, -errno, "%s: %s; the run is complete and lies in %s",
				why_path(writer->path), strerror(errno),
				why_path(writer->temporary));
	writer_free(writer);
	return error;
}
