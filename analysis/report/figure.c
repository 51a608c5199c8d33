// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../plot/plot.h"
#include "html.h"

/* gnuplot uses the same ids in each figure; in a page they must be unique, so they get a prefix. */
static void put_svg(const char *svg, size_t index, const char *kind, FILE *out)
{
	static const char *const before[] = {"id='", "id=\"", "href='#", "href=\"#", "url(#"};
	const char *start = strstr(svg, "<svg");

	if (!start)
		return;
	fprintf(out, "<svg role=\"img\" aria-label=\"figure: %s\"", kind);
	for (const char *c = start + strlen("<svg"); *c;) {
		size_t skip = 0;

		for (size_t i = 0; i < sizeof(before) / sizeof(*before) && !skip; i++)
			if (!strncmp(c, before[i], strlen(before[i])))
				skip = strlen(before[i]);
		if (!skip) {
			putc(*c++, out);
			continue;
		}
		fwrite(c, 1, skip, out);
		fprintf(out, "f%zu-", index);
		c += skip;
	}
}

static char *read_file(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t have;
	long size;

	if (!in)
		return NULL;
	if (!fseek(in, 0, SEEK_END) && (size = ftell(in)) >= 0 && !fseek(in, 0, SEEK_SET) &&
	    (text = memory_get(size + 1))) {
		have = fread(text, 1, size, in);
		text[have] = '\0';
		if (have != (size_t)size) {
			free(text);
			text = NULL;
		}
	}
	fclose(in);
	return text;
}

static int put_file(struct report_figures *figures, const char *kind, const char *path,
		    const char *note, FILE *out, char *why)
{
	char *svg = read_file(path);

	unlink(path);
	if (!svg)
		return why_say(why, -EIO, "%s: the figure cannot be read", path);
	fprintf(out, "<figure>\n");
	put_svg(svg, ++figures->count, kind, out);
	if (*note) {
		fputs("<figcaption>", out);
		report_text(out, note);
		fputs("</figcaption>\n", out);
	}
	fputs("</figure>\n", out);
	free(svg);
	return 0;
}

int report_figure(struct report_figures *figures, const char *kind, struct run *const *run,
		  size_t runs, FILE *out, char *why)
{
	char path[PATH_MAX + 16], note[RUN_WHY], reason[RUN_WHY];
	const struct plot plot = {.kind = plot_kind_find(kind),
				  .format = plot_format_find("svg"),
				  .leg = LEGS,
				  .out = path};
	int error;

	snprintf(path, sizeof(path), "%s/figure.svg", figures->folder.path);
	error = plot_draw(&plot, run, runs, note, reason);
	if (error == -EDOM || error == -ENODATA)
		return 0;
	/* Without gnuplot the page has tables only. Errors of a run are errors of the page. */
	if (error == -ENOPKG) {
		snprintf(figures->note, RUN_WHY, "without figures: %.400s", reason);
		return 0;
	}
	if (error)
		return why_say(why, error, "%s", reason);
	return put_file(figures, kind, path, note, out, why);
}

int report_store_figure(struct report_figures *figures, struct store *store,
			const struct query *query, enum plot_store_kind kind, FILE *out, char *why)
{
	char path[PATH_MAX + 16], reason[RUN_WHY];
	const struct plot plot = {.format = plot_format_find("svg"), .out = path};
	int error;

	snprintf(path, sizeof(path), "%s/figure.svg", figures->folder.path);
	error = plot_store(store, query, kind, &plot, reason);
	if (error == -EDOM) {
		fputs("<p>No figure of this kind: ", out);
		report_text(out, reason);
		fputs("</p>\n", out);
		return 0;
	}
	if (error == -ENOPKG) {
		snprintf(figures->note, RUN_WHY, "without figures: %.400s", reason);
		return 0;
	}
	if (error)
		return why_say(why, error, "%s", reason);
	return put_file(figures, plot_store_kinds[kind], path, "", out, why);
}
