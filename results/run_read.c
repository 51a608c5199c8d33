// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads run folders, which may come from anywhere and are not trusted. */
#include "inside.h"
#include "memory.h"
#include "run.h"
#include "run_folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_JSON (64 << 20) /* bytes */

static int read_text(int fd, char **text, size_t *size, char *why)
{
	struct stat stat;
	char *made;
	size_t have = 0;

	if (fstat(fd, &stat) < 0)
		return why_say(why, -errno, "run.json: %s", strerror(errno));
	if (stat.st_size > MAX_JSON)
		return why_say(why, -EFBIG, "run.json: is larger than %d MiB", MAX_JSON >> 20);
	made = memory_get((size_t)stat.st_size + 1);
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

static int write_text(const char *path, const char *text, size_t size, char *why)
{
	FILE *file = fopen(path, "wxe");
	int error = file ? 0 : -errno;

	errno = 0;
	if (file && fwrite(text, 1, size, file) != size)
		error = errno ? -errno : -EIO;
	if (file && fclose(file) && !error)
		error = errno ? -errno : -EIO;
	return error ? why_say(why, error, "%s: cannot be written: %s", why_path(path),
			       strerror(-error))
		     : 0;
}

int run_copy_json(const struct run *run, const char *to, char *why)
{
	int fd = inside_open(run->path, "run.json", why), error;
	struct run *again = NULL;
	char *text = NULL;
	size_t size = 0;

	if (fd < 0)
		return fd;
	error = read_text(fd, &text, &size, why);
	close(fd);
	if (!error)
		error = run_parse_text(text, size, &again, why);
	if (!error && !json_equal(again->json, run->json))
		error = why_say(why, -ESTALE, "%s: run.json has changed since it was read",
				why_path(run->path));
	run_close(again);
	if (!error)
		error = write_text(to, text, size, why);
	free(text);
	return error;
}

/*
 * Arrays that are there must be files in the folder, so that each command refuses a run with links,
 * FIFOs or devices, and not only the one that reads them. Those that are missing fail when they are
 * needed.
 */
static int check_arrays(const struct run *run, const char *path, char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		char histogram[128];

		snprintf(histogram, sizeof(histogram), "histograms/%s.npy", storm->name);
		error = inside_check(path, histogram, why);
		if ((!error || error == -ENOENT) && storm->samples)
			error = inside_check(path, storm->samples, why);
		if (error == -ENOENT)
			error = 0;
	}
	return error;
}

/* Has a run of this name been interrupted? */
static bool is_partial(const char *path)
{
	char partial[PATH_MAX];

	return access(path, F_OK) &&
	       snprintf(partial, sizeof(partial), "%s" RUN_PARTIAL, path) < PATH_MAX &&
	       !access(partial, F_OK);
}

int run_open(const char *path, struct run **run, char *why)
{
	char about[RUN_WHY];
	struct run *made;
	int error, fd = inside_open(path, "run.json", why);

	if (fd == -ENOENT && is_partial(path))
		return why_say(why, fd, "%s: there is only %s" RUN_PARTIAL ", an interrupted run",
			       why_path(path), why_path(path));
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
	made->path = memory_text(path);
	error = check_arrays(made, path, why);
	if (error) {
		run_close(made);
		return error;
	}
	*run = made;
	return 0;
}

const struct run_storm *run_storm_find(const struct run *run, const char *name)
{
	const json_t *index = json_object_get(run->by_name, name);

	return index ? &run->storm[json_integer_value(index)] : NULL;
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
