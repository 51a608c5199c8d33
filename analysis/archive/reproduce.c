// SPDX-License-Identifier: GPL-2.0-or-later
#include "reproduce.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../output/table.h"
#include "../show/methods.h"
#include "words.h"

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

/*
 * "KEY=V1,V2", as --vary takes it, one word of the command. A value that is a list has + in place
 * of its commas.
 */
static int put_variation(const struct archive *archive, size_t first, const char *key, FILE *file)
{
	char *word = NULL, mark = '=';
	size_t size;
	FILE *stream = memory_stream(&word, &size);

	fputs(key, stream);
	for (size_t i = first; i < archive->runs; i++) {
		const json_t *settings = run_get(archive->copy[i], "settings");
		const char *value = json_string_value(json_object_get(settings, key));

		if (!in_turn(archive->copy[first], archive->copy[i]))
			continue;
		putc(mark, stream);
		for (const char *c = value ? value : ""; *c; c++)
			putc(*c == ',' ? '+' : *c, stream);
		mark = ',';
	}
	memory_end(stream, &word);
	words_shell(word, file);
	free(word);
	return 0;
}

/* A word of the run that stands in a command or may be pasted into one: no quotes needed. */
static void put_name(const char *word, FILE *file)
{
	char name[LINE];

	snprintf(name, sizeof(name), "%s", word);
	words_name(name);
	words_shell(name, file);
}

/* A run's copy has a name that needs no quotes. */
static int put_command(const struct archive *archive, size_t index, FILE *file)
{
	const char *name = base(archive->copy[index]), *key = varied(archive, index);
	int error = 0;

	fprintf(file, "```\nexitstorm run --like runs/%s", name);
	if (key) {
		fputs(" --vary ", file);
		error = put_variation(archive, index, key, file);
	}
	fputs(" -o again/", file);
	put_name(key ? key : name, file);
	fputs("\n```\n\n", file);
	return error;
}

static int put_methods(const struct run *run, FILE *file)
{
	char *text = NULL;
	size_t size;
	FILE *stream = memory_stream(&text, &size);
	int error;

	error = show_methods(run, stream, 100);
	memory_end(stream, &text);
	if (!error)
		table_markdown_text(text, file);
	free(text);
	return error;
}

static int put_run(const struct archive *archive, size_t index, FILE *file)
{
	const struct run *run = archive->copy[index];
	size_t first = first_in_turn(archive, index);
	double minutes = describe_number(run, "duration_s") / 60;
	char text[LINE];
	int error = 0;

	fprintf(file, "\n### %s\n\n- measured ", base(run));
	words_markdown(file, "%s with exitstorm %s", run_string(run, "started"),
		       run_string(run, "tool.version"));
	fputs(" (commit ", file);
	put_name(run_string(run, "tool.commit"), file);
	fputs(")\n- ", file);
	words_markdown(file, "%s", describe_target(run, text, sizeof(text)));
	fputs("\n- on ", file);
	words_markdown(file, "%s, ", describe_host(run, text, sizeof(text)));
	words_markdown(file, "%s", run_string(run, "host.kernel"));
	fputs("\n- ", file);
	words_markdown(file, "%s", describe_plan(run, text, sizeof(text)));
	if (*describe_incomplete(run, text, sizeof(text))) {
		fputs("\n- ", file);
		words_markdown(file, "%s", text);
	}
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
		error = put_command(archive, index, file);
	}
	return error ? error : put_methods(run, file);
}

static int put_measurements(const struct archive *archive, FILE *file)
{
	double seconds = 0;
	int error = 0;

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
	for (size_t i = 0; !error && i < archive->runs; i++)
		error = put_run(archive, i, file);
	return error;
}

int archive_reproduce(const struct archive *archive)
{
	char path[PATH_MAX + 16];
	FILE *file;
	int error;

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
	if (archive->missing && *archive->missing)
		fprintf(file, "\nLeft out:\n\n%s", archive->missing);
	error = put_measurements(archive, file);
	if ((ferror(file) | fclose(file)) && !error)
		error = -EIO;
	return error ? why_say(archive->why, error, "%s: cannot be written: %s", why_path(path),
			       strerror(-error))
		     : 0;
}
