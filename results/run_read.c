// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads run folders, which may come from anywhere and are not trusted. */
#include "npy.h"
#include "run.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_JSON (64 << 20) /* bytes */

_Static_assert(sizeof(struct histogram_row) == 24, "RUN_HISTOGRAM_DTYPE");

/* An errno's meaning for a run's folder. */
static const char *reason(int error)
{
	switch (error) {
	case ELOOP:
		return "is a link: a run's files lie in its folder";
	case ENOTDIR:
		return "is not in a folder of the run's own";
	case ENOENT:
		return "is missing";
	default:
		return strerror(error);
	}
}

static int open_folder(const char *path, char *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd < 0)
		return why_say(why, -errno, "%s: %s", why_path(path),
			       errno == ENOTDIR ? "is not a folder" : strerror(errno));
	return fd;
}

/*
 * Opens path/relative without following symbolic links below `path`, so that a run from elsewhere
 * cannot make us read other files. Does not block on a FIFO.
 */
static int open_inside(const char *path, const char *relative, char *why)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	const char *rest = relative;
	int fd = open_folder(path, why);

	while (fd >= 0 && *rest) {
		size_t length = strcspn(rest, "/");
		bool last = !rest[length];
		char name[NAME_MAX + 1];
		int next;

		if (length > NAME_MAX) {
			next = why_say(why, -ENAMETOOLONG, "%s: %.100s: %s", why_path(path),
				       relative, strerror(ENAMETOOLONG));
			close(fd);
			return next;
		}
		snprintf(name, sizeof(name), "%.*s", (int)length, rest);
		next = openat(fd, name, flags | (last ? 0 : O_DIRECTORY));
		if (next < 0)
			next = why_say(why, -errno, "%s: %.100s %s", why_path(path), relative,
				       reason(errno));
		close(fd);
		fd = next;
		rest += length + !last;
	}
	return fd;
}

static int read_text(int fd, char **text, size_t *size, char *why)
{
	struct stat stat;
	char *made;
	size_t have = 0;

	if (fstat(fd, &stat) < 0)
		return why_say(why, -errno, "run.json: %s", strerror(errno));
	if (!S_ISREG(stat.st_mode))
		return why_say(why, -EBADMSG, "run.json: is not a file");
	if (stat.st_size > MAX_JSON)
		return why_say(why, -EFBIG, "run.json: is larger than %d MiB", MAX_JSON >> 20);
	made = malloc((size_t)stat.st_size + 1);
	if (!made)
		return why_say(why, -ENOMEM, "no memory");
	while (have < (size_t)stat.st_size) {
		ssize_t done = read(fd, made + have, (size_t)stat.st_size - have);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			free(made);
			return why_say(why, -errno, "run.json: cannot be read: %s",
				       strerror(errno));
		}
		if (done == 0)
			break;
		have += (size_t)done;
	}
	*text = made;
	*size = have;
	return 0;
}

static int read_run(int fd, struct run **run, char *why)
{
	char *text = NULL;
	size_t size = 0;
	int error = read_text(fd, &text, &size, why);

	if (error)
		return error;
	error = run_parse_text(text, size, run, why);
	free(text);
	return error;
}

int run_open(const char *path, struct run **run, char *why)
{
	char about[RUN_WHY];
	struct run *made;
	int error, fd = open_inside(path, "run.json", why);

	if (fd == -ENOENT && access(path, F_OK) == 0)
		return why_say(why, fd, "%s: has no run.json: not a run, or not a complete one",
			       why_path(path));
	if (fd < 0)
		return fd;
	error = read_run(fd, &made, about);
	close(fd);
	if (error)
		return why_say(why, error, "%s: %s", why_path(path), about);
	free(made->path);
	made->path = strdup(path);
	if (!made->path) {
		run_close(made);
		return why_say(why, -ENOMEM, "no memory");
	}
	*run = made;
	return 0;
}

const struct run_storm *run_storm_find(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->storms; i++)
		if (strcmp(run->storm[i].name, name) == 0)
			return &run->storm[i];
	return NULL;
}

const json_t *run_get(const struct run *run, const char *path)
{
	const json_t *at = run->json;

	for (;;) {
		/* Keys may contain dots, as names of kernel parameters do. */
		const json_t *value = json_object_get(at, path);
		const char *dot = strchr(path, '.');
		char key[128];

		if (value || !dot || (size_t)(dot - path) >= sizeof(key))
			return value;
		memcpy(key, path, (size_t)(dot - path));
		key[dot - path] = 0;
		at = json_object_get(at, key);
		path = dot + 1;
	}
}

const char *run_string(const struct run *run, const char *path)
{
	const char *text = json_string_value(run_get(run, path));

	return text ? text : "";
}

/* Opens an array of a storm. -errno and why: there is none. */
static int open_array(const struct run *run, const char *relative, const char *descr, size_t size,
		      struct npy **npy, char *why)
{
	size_t room = strlen(run->path) + strlen(relative) + 2;
	char *path;
	u64 count;
	int error, fd = open_inside(run->path, relative, why);

	if (fd < 0)
		return fd;
	path = malloc(room);
	if (!path) {
		close(fd);
		return why_say(why, -ENOMEM, "no memory");
	}
	snprintf(path, room, "%s/%s", run->path, relative);
	error = npy_open(fd, path, descr, size, npy, &count, why);
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

int run_histogram(const struct run *run, const char *storm,
		  int (*row)(void *arg, const struct histogram_row *row), void *arg, char *why)
{
	struct histogram_row item;
	char relative[128];
	struct npy *npy;
	u64 total = 0;
	int error;

	if (!run_storm_find(run, storm))
		return why_say(why, -ENOENT, "%s: has no storm %s", why_path(run->path), storm);
	snprintf(relative, sizeof(relative), "histograms/%s.npy", storm);
	error = open_array(run, relative, RUN_HISTOGRAM_DTYPE, sizeof(item), &npy, why);
	if (error)
		return error;
	while ((error = npy_read(npy, &item, why)) > 0) {
		error = check_row(run, storm, &item, &total, why);
		if (!error && item.leg < LEGS)
			error = row(arg, &item);
		if (error)
			break;
	}
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
