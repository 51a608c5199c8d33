// SPDX-License-Identifier: GPL-2.0-or-later
#include "reproduce.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../describe/describe.h"
#include "../show/methods.h"

#define LINE 512

static const char *base(const struct run *run)
{
	const char *slash = strrchr(run->path, '/');

	return slash ? slash + 1 : run->path;
}

/* Runs whose repeats were taken in turn by one `run --vary` share the string in_turn. */
static bool in_turn(const struct run *one, const struct run *other)
{
	const char *word = run_string(one, "in_turn");

	return *word && !strcmp(word, run_string(other, "in_turn"));
}

/* The first run that was taken in turn with this one; the run itself if it was taken alone. */
static size_t first_in_turn(const struct archive *archive, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (in_turn(archive->copy[i], archive->copy[index]))
			return i;
	return index;
}

/*
 * The setting in which the runs taken in turn with `first` differ; NULL: there is not exactly one.
 */
static const char *varied(const struct archive *archive, size_t first)
{
	const json_t *settings = run_get(archive->copy[first], "settings"), *value;
	const char *key, *found = NULL;

	json_object_foreach ((json_t *)settings, key, value) {
		bool differs = false;

		for (size_t i = first + 1; i < archive->runs; i++)
			differs |= in_turn(archive->copy[first], archive->copy[i]) &&
				   !json_equal(value,
					       json_object_get(
						       run_get(archive->copy[i], "settings"), key));
		if (differs && found)
			return NULL;
		if (differs)
			found = key;
	}
	return found;
}

/* "=V1,V2", as --vary takes it. A value that is a list has + in place of its commas. */
static void put_values(const struct archive *archive, size_t first, const char *key, FILE *file)
{
	char mark = '=';

	for (size_t i = first; i < archive->runs; i++) {
		const json_t *settings = run_get(archive->copy[i], "settings");
		const char *value = json_string_value(json_object_get(settings, key));

		if (!in_turn(archive->copy[first], archive->copy[i]))
			continue;
		fputc(mark, file);
		for (const char *c = value ? value : ""; *c; c++)
			fputc(*c == ',' ? '+' : *c, file);
		mark = ',';
	}
}

static void put_command(const struct archive *archive, size_t index, FILE *file)
{
	const char *name = base(archive->copy[index]), *key = varied(archive, index);

	fprintf(file, "```\nexitstorm run --like runs/%s", name);
	if (key) {
		fprintf(file, " --vary %s", key);
		put_values(archive, index, key, file);
	}
	fprintf(file, " -o again/%s\n```\n\n", key ? key : name);
}

static void put_run(const struct archive *archive, size_t index, FILE *file)
{
	const struct run *run = archive->copy[index];
	size_t first = first_in_turn(archive, index);
	double minutes = describe_number(run, "duration_s") / 60;
	char text[LINE];

	fprintf(file, "\n### %s\n\n", base(run));
	fprintf(file, "- measured %s with exitstorm %s (commit %s)\n", run_string(run, "started"),
		run_string(run, "tool.version"), run_string(run, "tool.commit"));
	fprintf(file, "- %s\n", describe_target(run, text, sizeof(text)));
	fprintf(file, "- on %s, %s\n", describe_host(run, text, sizeof(text)),
		run_string(run, "host.kernel"));
	fprintf(file, "- %s", describe_plan(run, text, sizeof(text)));
	if (first != index) {
		fprintf(file,
			"\n"
			"- in turn with %s: its command measures this run again as well\n"
			"\n",
			base(archive->copy[first]));
	} else {
		if (isfinite(minutes))
			fprintf(file, "; it took %.1f minutes%s", fmax(minutes, 0.1),
				varied(archive, index) ? ", with those that were taken in turn"
						       : "");
		fputs("\n\n", file);
		put_command(archive, index, file);
	}
	show_methods(run, file, 100);
}

static void put_measurements(const struct archive *archive, FILE *file)
{
	double seconds = 0;

	for (size_t i = 0; i < archive->runs; i++)
		if (first_in_turn(archive, i) == i) /* each has the duration of all of them */
			seconds += fmax(describe_number(archive->copy[i], "duration_s"), 0);
	fprintf(file,
		"\n"
		"## Measurements\n"
		"\n"
		"`run --like` takes plan and settings of a run, measures again and lists every "
		"difference of the\n"
		"environment. All together: about %.0f minute%s. Figures of a run that was made on "
		"another machine will differ.\n",
		ceil(seconds / 60), ceil(seconds / 60) == 1 ? "" : "s");
	for (size_t i = 0; i < archive->runs; i++)
		put_run(archive, i, file);
}

int archive_reproduce(const struct archive *archive)
{
	char path[PATH_MAX + 16];
	FILE *file;
	bool bad;

	snprintf(path, sizeof(path), "%s/REPRODUCE.md", archive->root);
	file = fopen(path, "we");
	if (!file)
		return why_say(archive->why, -errno, "%s: %s", why_path(path), strerror(errno));
	fprintf(file,
		"# How to reproduce these results\n"
		"\n"
		"| folder | what |\n"
		"|---|---|\n"
		"| `runs/` | %zu run%s of exitstorm: `run.json`, histograms, samples |\n"
		"| `figures/` | figures, and beside each a folder with its data and gnuplot script "
		"|\n"
		"| `SHA256SUMS` | of every file |\n"
		"\n"
		"Check the files (seconds)\n"
		"\n"
		"```\n"
		"sha256sum -c SHA256SUMS\n"
		"```\n"
		"\n"
		"Tables (seconds)\n"
		"\n"
		"```\n"
		"exitstorm show runs/%s\n"
		"```\n"
		"\n"
		"%s## Figures\n"
		"\n",
		archive->runs, archive->runs == 1 ? "" : "s", base(archive->copy[0]),
		archive->runs > 1 ? "Comparisons (seconds)\n\n```\nexitstorm compare runs\n"
				    "exitstorm report runs -o report.html\n```\n\n"
				  : "");
	if (archive->figures && *archive->figures)
		fprintf(file,
			"Each takes seconds and needs only gnuplot.\n"
			"\n"
			"```\n"
			"%s```\n",
			archive->figures);
	else
		fputs("None could be drawn.\n", file);
	put_measurements(archive, file);
	bad = ferror(file);
	if (fclose(file) || bad)
		return why_say(archive->why, -EIO, "%s: cannot be written", why_path(path));
	return 0;
}
