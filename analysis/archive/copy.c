// SPDX-License-Identifier: GPL-2.0-or-later
#include "copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../stats/figures.h"
#include "files.h"
#include "words.h"

#define NAME ARCHIVE_NAME

static const char *name_of(const struct run *copy)
{
	return strrchr(copy->path, '/') + 1;
}

static bool is_taken(const struct archive *archive, size_t index, const char *name)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(name, name_of(archive->copy[i])))
			return true;
	return false;
}

/* The folder's name; a number is appended where an earlier run has it. */
static void run_name(const struct archive *archive, size_t index, char name[NAME])
{
	const char *path = archive->run[index]->path, *end = path + strlen(path), *slash;
	size_t length;

	if (archive->anonymous) {
		snprintf(name, NAME, "run-%zu", index + 1);
		return;
	}
	while (end > path + 1 && end[-1] == '/')
		end--;
	for (slash = end; slash > path && slash[-1] != '/';)
		slash--;
	snprintf(name, NAME, "%.*s", (int)(end - slash < 100 ? end - slash : 100), slash);
	words_name(name);
	if (!strcmp(name, "_") || !*name)
		snprintf(name, NAME, "run-%zu", index + 1);
	length = strlen(name);
	for (size_t number = index + 1; is_taken(archive, index, name); number++)
		snprintf(name + length, NAME - length, "-%zu", number);
}

/* In an archive samples are at one place, whatever the run's own. */
static bool has_own_places(const struct run *run)
{
	char path[NAME + sizeof("samples/.npy")];

	for (size_t i = 0; i < run->storms; i++) {
		snprintf(path, sizeof(path), "samples/%s.npy", run->storm[i].name);
		if (run->storm[i].samples && strcmp(run->storm[i].samples, path))
			return true;
	}
	return false;
}

/*
 * A boot ID names a machine; a number in its place still tells which runs of the archive are of one
 * boot.
 */
static void number_boot(const struct archive *archive, const struct run *run, json_t *json)
{
	const char *boot = run_string(run, "host.boot_id");
	size_t number = 0;

	if (!*boot)
		return;
	for (size_t i = 0; i < archive->runs; i++) {
		const char *other = run_string(archive->run[i], "host.boot_id");
		bool first = *other;

		for (size_t j = 0; j < i; j++)
			first &= strcmp(other, run_string(archive->run[j], "host.boot_id")) != 0;
		number += first;
		if (!strcmp(other, boot))
			break;
	}
	compose_set(json_object_get(json, "host"), "boot_id", compose_format("boot %zu", number));
}

static json_t *changed_json(const struct archive *archive, const struct run *run)
{
	json_t *json = compose_copy(run->json), *storm;
	size_t i;

	json_array_foreach (json_object_get(json, "storms"), i, storm) {
		const struct run_storm *from = &run->storm[i];

		if (from->samples)
			compose_set(storm, "samples", compose_format("samples/%s.npy", from->name));
	}
	if (archive->anonymous && anonymous_strip(json, run->path)) {
		json_decref(json);
		return NULL;
	}
	if (archive->anonymous)
		number_boot(archive, run, json);
	return json;
}

static int write_json(const struct archive *archive, const struct run *run, const char *path)
{
	json_t *json = changed_json(archive, run);
	int error;

	if (!json)
		return why_say(archive->why, -ENOMEM, "no memory");
	error = compose_write(json, path, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
	if (error)
		why_say(archive->why, error, "%s: cannot be written: %s", why_path(path),
			strerror(-error));
	json_decref(json);
	return error;
}

int archive_copy_run(struct archive *archive, size_t index)
{
	static const char *const folders[] = {"", "/histograms", "/samples"};
	const struct run *run = archive->run[index];
	char to[PATH_MAX], path[PATH_MAX], name[NAME];
	int error = 0;

	run_name(archive, index, name);
	if (snprintf(to, PATH_MAX, "%s/runs/%s", archive->root, name) >= PATH_MAX - NAME)
		return why_say(archive->why, -ENAMETOOLONG, "%s: the path is too long", name);
	for (size_t i = 0; !error && i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, PATH_MAX, "%.*s%s", PATH_MAX - NAME, to, folders[i]);
		error = archive_make_folder(path, archive->why);
	}
	snprintf(path, PATH_MAX, "%.*s/run.json", PATH_MAX - NAME, to);
	if (!error)
		error = archive->anonymous || has_own_places(run)
				? write_json(archive, run, path)
				: run_copy_json(run, path, archive->why);
	if (!error)
		error = run_copy_arrays(run, to, archive->why);
	return error ? error : figures_open(to, &archive->copy[index], archive->why);
}
