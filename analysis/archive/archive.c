// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../results/why.h"
#include "../plot/plot.h"
#include "anonymous.h"
#include "contents.h"
#include "files.h"
#include "pack.h"
#include "reproduce.h"

#define NAME 128

static int make(const char *path, char *why)
{
	if (!mkdir(path, 0777) || errno == EEXIST)
		return 0;
	return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
}

/* Makes a name safe for shells, tar and Markdown. None of them interprets a letter that is not
 * ASCII. */
static void clean_name(char *name)
{
	size_t bytes;

	for (char *c = name; *c; c += bytes) {
		bytes = why_printable(c);
		if (bytes > 1)
			continue;
		bytes = 1;
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.",
			    *c))
			*c = '_';
	}
	if (*name == '.' || *name == '-')
		*name = '_';
}

static void run_name(const struct archive *archive, size_t index, char name[NAME])
{
	const char *path = archive->run[index]->path, *end = path + strlen(path), *slash;

	if (archive->anonymous) {
		snprintf(name, NAME, "run-%zu", index + 1);
		return;
	}
	while (end > path + 1 && end[-1] == '/')
		end--;
	for (slash = end; slash > path && slash[-1] != '/';)
		slash--;
	snprintf(name, NAME, "%.*s", (int)(end - slash < 100 ? end - slash : 100), slash);
	clean_name(name);
	if (!strcmp(name, "_") || !*name)
		snprintf(name, NAME, "run-%zu", index + 1);
	/* A second run of the same name gets its number appended. */
	for (size_t i = 0; i < index; i++)
		if (!strcmp(name, strrchr(archive->copy[i]->path, '/') + 1))
			snprintf(name + strlen(name), NAME - strlen(name), "-%zu", index + 1);
}

static int copy_array(const struct run *run, const char *to, const char *kind, const char *storm,
		      char *why)
{
	char from[PATH_MAX], target[PATH_MAX];
	struct stat stat_from;

	if (snprintf(from, PATH_MAX, "%s/%s/%s.npy", run->path, kind, storm) >= PATH_MAX ||
	    snprintf(target, PATH_MAX, "%s/%s/%s.npy", to, kind, storm) >= PATH_MAX)
		return why_say(why, -ENAMETOOLONG, "%s: the path is too long", storm);
	if (stat(from, &stat_from) && errno == ENOENT)
		return 0;
	return archive_copy(from, target, why);
}

static int write_json(const struct archive *archive, const struct run *run, const char *to)
{
	json_t *json = json_deep_copy(run->json);
	char path[PATH_MAX];
	int error = 0;

	if (!json)
		return why_say(archive->why, -ENOMEM, "no memory");
	archive_strip(json);
	if (snprintf(path, PATH_MAX, "%s/run.json", to) >= PATH_MAX ||
	    json_dump_file(json, path, JSON_INDENT(1) | JSON_REAL_PRECISION(17)))
		error = why_say(archive->why, -EIO, "%s: run.json cannot be written", why_path(to));
	json_decref(json);
	return error;
}

static int copy_run(struct archive *archive, size_t index)
{
	const struct run *run = archive->run[index];
	char to[PATH_MAX], path[PATH_MAX], from[PATH_MAX], name[NAME];
	int error;

	run_name(archive, index, name);
	if (snprintf(to, PATH_MAX, "%s/runs/%s", archive->root, name) >= PATH_MAX - 32 ||
	    snprintf(from, PATH_MAX, "%s/run.json", run->path) >= PATH_MAX)
		return why_say(archive->why, -ENAMETOOLONG, "%s: the path is too long", name);
	error = make(to, archive->why);
	for (int i = 0; !error && i < 2; i++) {
		snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - 32, to,
			 i ? "samples" : "histograms");
		error = make(path, archive->why);
	}
	if (!error && archive->anonymous) {
		error = write_json(archive, run, to);
	} else if (!error) {
		snprintf(path, PATH_MAX, "%.*s/run.json", PATH_MAX - 32, to);
		error = archive_copy(from, path, archive->why);
	}
	for (size_t i = 0; !error && i < run->storms; i++) {
		error = copy_array(run, to, "histograms", run->storm[i].name, archive->why);
		if (!error && run->storm[i].samples)
			error = copy_array(run, to, "samples", run->storm[i].name, archive->why);
	}
	return error ? error : run_open(to, &archive->copy[index], archive->why);
}

/*
 * Draws a figure. A kind that these runs have no data for is left out; other errors go to `note`.
 */
static void draw(struct archive *archive, FILE *lines, const char *name, const char *kind,
		 struct run *const *run, size_t runs)
{
	char path[PATH_MAX], note[RUN_WHY], why[RUN_WHY];
	const struct plot plot = {.kind = plot_kind_find(kind),
				  .format = plot_format_find("pdf"),
				  .leg = LEGS,
				  .out = path,
				  .data = true};
	int error;

	if (snprintf(path, PATH_MAX, "%s/figures/%s-%s.pdf", archive->root, name, kind) >= PATH_MAX)
		return;
	error = plot_draw(&plot, run, runs, note, why);
	if (!error)
		fprintf(lines, "(cd figures/%s-%s.pdf.data && gnuplot %s.gp)\n", name, kind, kind);
	else if (error != -EINVAL && error != -ENODATA)
		snprintf(archive->note, RUN_WHY, "%s-%s is left out: %.400s", name, kind, why);
}

static int draw_all(struct archive *archive)
{
	static const char *const of_one[] = {"cdf", "box", "legs", "timeline"};
	static const char *const of_all[] = {"box", "generations", "scaling", "sweep"};
	size_t size;
	FILE *lines = open_memstream(&archive->figures, &size);

	if (!lines)
		return why_say(archive->why, -ENOMEM, "no memory");
	for (size_t i = 0; i < archive->runs; i++)
		for (size_t j = 0; j < sizeof(of_one) / sizeof(*of_one); j++)
			draw(archive, lines, strrchr(archive->copy[i]->path, '/') + 1, of_one[j],
			     &archive->copy[i], 1);
	for (size_t j = 0; archive->runs > 1 && j < sizeof(of_all) / sizeof(*of_all); j++)
		draw(archive, lines, "all", of_all[j], archive->copy, archive->runs);
	return fclose(lines) ? why_say(archive->why, -ENOMEM, "no memory") : 0;
}

/* The archive's top folder has the name of its file. */
static int begin(struct archive *archive, const char *out)
{
	const char *slash = strrchr(out, '/'), *name = slash ? slash + 1 : out;
	char root[NAME], path[PATH_MAX], folder[PATH_MAX];
	int error;

	snprintf(root, NAME, "%.*s", (int)strcspn(name, "."), name);
	clean_name(root);
	if (archive->anonymous || !*root)
		snprintf(root, NAME, "exitstorm-archive");
	if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - out) + 1 : 1,
		     slash ? out : ".") >= PATH_MAX - 2 * NAME)
		return why_say(archive->why, -ENAMETOOLONG, "%s: the path is too long",
			       why_path(out));
	error = temporary_folder(&archive->top, folder, ".exitstorm-archive", 0700);
	if (error)
		return why_say(archive->why, error, "%s: %s", why_path(out), strerror(-error));
	snprintf(archive->root, PATH_MAX, "%.*s/%s", PATH_MAX - 2 * NAME, archive->top.path, root);
	error = make(archive->root, archive->why);
	for (int i = 0; !error && i < 2; i++) {
		snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - NAME, archive->root,
			 i ? "figures" : "runs");
		error = make(path, archive->why);
	}
	return error;
}

int archive_write(struct run *const *run, size_t runs, bool anonymous, const char *out, char *note,
		  char *why)
{
	struct archive archive = {
		.run = run, .runs = runs, .anonymous = anonymous, .note = note, .why = why};
	int error = begin(&archive, out);

	*note = '\0';
	archive.copy = calloc(runs, sizeof(*archive.copy));
	if (!error && !archive.copy)
		error = why_say(why, -ENOMEM, "no memory");
	for (size_t i = 0; !error && i < runs; i++)
		error = copy_run(&archive, i);
	if (!error)
		error = draw_all(&archive);
	if (!error)
		error = archive_reproduce(&archive);
	if (!error)
		error = archive_sums(archive.root, why);
	if (!error)
		error = archive_pack(archive.top.path, archive.root, out, why);
	temporary_remove(&archive.top);
	for (size_t i = 0; archive.copy && i < runs; i++)
		run_close(archive.copy[i]);
	free(archive.copy);
	free(archive.figures);
	return error;
}
