// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../../results/why.h"
#include "../plot/plot.h"
#include "contents.h"
#include "copy.h"
#include "files.h"
#include "pack.h"
#include "reproduce.h"
#include "words.h"

#define NAME ARCHIVE_NAME

struct drawing {
	struct archive *archive;
	FILE *drawn, *missing; /* lines of REPRODUCE.md */
};

static void note_missing(const struct drawing *drawing, const char *name, const char *kind,
			 const char *why)
{
	struct archive *archive = drawing->archive;

	fprintf(drawing->missing, "- %s-%s: ", name, kind);
	words_markdown(drawing->missing, "%s", why);
	putc('\n', drawing->missing);
	if (!archive->figures_missing++)
		snprintf(archive->note, RUN_WHY, "%s-%s is left out: %.350s", name, kind, why);
}

/* Draws a figure. A kind that these runs have no data for is none that is missing. */
static void draw(const struct drawing *drawing, const char *name, const char *kind,
		 struct run *const *run, size_t runs)
{
	char path[PATH_MAX], note[RUN_WHY], why[RUN_WHY];
	const struct plot plot = {.kind = plot_kind_find(kind),
				  .format = plot_format_find("pdf"),
				  .leg = LEGS,
				  .out = path,
				  .data = true};
	int error;

	if (snprintf(path, PATH_MAX, "%s/figures/%s-%s.pdf", drawing->archive->root, name, kind) >=
	    PATH_MAX)
		error = why_say(why, -ENAMETOOLONG, "the path is too long");
	else
		error = plot_draw(&plot, run, runs, note, why);
	if (!error)
		fprintf(drawing->drawn, "(cd figures/%s-%s.pdf.data && gnuplot %s.gp)\n", name,
			kind, kind);
	else if (error != -EDOM && error != -ENODATA)
		note_missing(drawing, name, kind, why);
}

static void draw_each(const struct drawing *drawing)
{
	static const char *const of_one[] = {"cdf", "box", "legs", "timeline"};
	static const char *const of_all[] = {"box", "generations", "scaling", "sweep"};
	const struct archive *archive = drawing->archive;

	for (size_t i = 0; i < archive->runs; i++)
		for (size_t j = 0; j < sizeof(of_one) / sizeof(*of_one); j++)
			draw(drawing, strrchr(archive->copy[i]->path, '/') + 1, of_one[j],
			     &archive->copy[i], 1);
	for (size_t j = 0; archive->runs > 1 && j < sizeof(of_all) / sizeof(*of_all); j++)
		draw(drawing, "all", of_all[j], archive->copy, archive->runs);
}

static void draw_all(struct archive *archive)
{
	size_t size[2];
	struct drawing drawing = {archive, memory_stream(&archive->figures, &size[0]),
				  memory_stream(&archive->missing, &size[1])};

	draw_each(&drawing);
	memory_end(drawing.drawn, &archive->figures);
	memory_end(drawing.missing, &archive->missing);
	if (archive->figures_missing > 1)
		snprintf(archive->note + strlen(archive->note), RUN_WHY - strlen(archive->note),
			 "; and %zu other figures", archive->figures_missing - 1);
}

/* The archive's top folder has the name of its file. */
static int begin(struct archive *archive, const char *out)
{
	const char *slash = strrchr(out, '/'), *name = slash ? slash + 1 : out;
	char root[NAME], path[PATH_MAX], folder[PATH_MAX];
	int error;

	snprintf(root, NAME, "%.*s", (int)strcspn(name, "."), name);
	words_name(root);
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
	error = archive_make_folder(archive->root, archive->why);
	for (int i = 0; !error && i < 2; i++) {
		snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - NAME, archive->root,
			 i ? "figures" : "runs");
		error = archive_make_folder(path, archive->why);
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
	archive.copy = memory_new(runs, sizeof(*archive.copy));
	for (size_t i = 0; !error && i < runs; i++)
		error = archive_copy_run(&archive, i);
	if (!error)
		draw_all(&archive);
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
	free(archive.missing);
	return error;
}
