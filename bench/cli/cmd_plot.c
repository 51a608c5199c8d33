// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/plot/plot.h"
#include "../../analysis/plot/store.h"
#include "../../results/memory.h"
#include "choose.h"
#include "runs.h"
#include "store_query.h"
#include "values.h"

#define FONT_MIN_PT 3
#define FONT_MAX_PT 72

struct plot_options {
	const char *kind, *format, *out, *store, *by;
	struct option_list where;
	int leg; /* LEGS: the default one */
	const char *storms;
	double width_cm, font_pt;
	char font[64];
	bool data;
};

/* "NAME", "NAME,POINTS" or ",POINTS". */
static int set_font(const char *option, const char *text, void *destination)
{
	struct plot_options *chosen = destination;
	const char *comma = strchr(text, ',');
	int length = comma ? comma - text : (int)strlen(text);

	snprintf(chosen->font, sizeof(chosen->font), "%.*s", length, text);
	if (length >= (int)sizeof(chosen->font) || (!length && !comma) ||
	    (length && !plot_font_ok(chosen->font)))
		return cli_usage("%s: '%s' is not NAME,POINTS (letters, digits, blanks and '-')",
				 option, text);
	chosen->font_pt = 0;
	return comma ? value_number(option, comma + 1, FONT_MIN_PT, FONT_MAX_PT, &chosen->font_pt)
		     : STATUS_OK;
}

static const struct cli_option options[] = {
	RUNS_OR_STORE_OPERAND,
	STORE_ROW(struct plot_options),
	STORE_QUERY_ROWS(struct plot_options),
	{.letter = 'k',
	 .name = "kind",
	 .value = "KIND",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct plot_options, kind),
	 .complete = COMPLETE_KINDS,
	 .text = "cdf: distribution per storm and run (default)\n"
		 "box: quantiles per storm\n"
		 "legs: medians of exit, handler and resume, end to end\n"
		 "timeline: the records kept, in order\n"
		 "generations: p50 and p99 by CPU, in time\n"
		 "scaling: p50 and p99 by number of vCPUs, one run each\n"
		 "sweep: p50 and p99 by the setting that the runs vary\n"
		 "shift: change of each quantile against the first run, with 95 % bands\n"
		 "of a store: generations (default; by group), box (of the machines of each "
		 "group), heatmap (groups by storms: % from the median)"},
	CHOOSE_ROW(struct plot_options, storms),
	{.letter = 'l',
	 .name = "leg",
	 .value = "LEG",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct plot_options, leg),
	 OPTION_LEG_WORDS,
	 .text = "exit, handler, resume, round_trip, guest_visit, entry_fail, period, ... "
		 "(default: round_trip, or the leg that stands for it)"},
	{.letter = 'f',
	 .name = "format",
	 .value = "FORMAT",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct plot_options, format),
	 .complete = COMPLETE_FORMATS,
	 .text = "pdf, svg, png or tikz (default: by the extension of FILE, else pdf)"},
	{.letter = 'o',
	 .name = "output",
	 .value = "FILE",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct plot_options, out),
	 .complete = COMPLETE_FILE,
	 .text = "the figure to write; - is standard output (default: KIND.FORMAT)"},
	{.name = "width",
	 .value = "CM",
	 .kind = OPTION_NUMBER,
	 .at = offsetof(struct plot_options, width_cm),
	 .low = 5,
	 .high = 100,
	 .text = "width of the figure in centimetres " OPTION_DEFAULT(PLOT_WIDTH_CM)},
	{.name = "font",
	 .value = "NAME,POINTS",
	 .kind = OPTION_PARSED,
	 .parse = set_font,
	 .text = "font and size of texts; either may be left out (default " PLOT_FONT
		 "," OPTION_TEXT_OF(PLOT_FONT_PT) ")"},
	{.name = "data",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct plot_options, data),
	 .text = "also write the data and the gnuplot script to the folder FILE.data"},
	{},
};

/* "a, b, c", for messages. */
static const char *join(char *text, size_t size, const char *(*name)(size_t))
{
	text[0] = '\0';
	for (size_t i = 0; name(i); i++) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%s", i ? ", " : "", name(i));
	}
	return text;
}

static int resolve(const struct plot_options *chosen, struct plot *plot)
{
	const char *format = chosen->format, *dot;
	char names[256];

	if (!chosen->store && !(plot->kind = plot_kind_find(chosen->kind)))
		return cli_usage("--kind: unknown kind '%s'; there are %s", chosen->kind,
				 join(names, sizeof(names), plot_kind_name));
	if (!format && chosen->out) {
		dot = strrchr(chosen->out, '.');
		format = dot && !strchr(dot, '/') ? dot + 1 : NULL;
		if (!format || !plot_format_find(format))
			return cli_usage("--output: the extension of '%s' is no format; there are "
					 "%s, or use --format",
					 chosen->out, join(names, sizeof(names), plot_format_name));
	}
	plot->format = plot_format_find(format ? format : "pdf");
	if (!plot->format)
		return cli_usage("--format: unknown format '%s'; there are %s", format,
				 join(names, sizeof(names), plot_format_name));
	plot->leg = chosen->leg;
	if (plot->leg != LEGS && !strcmp(chosen->kind, "legs"))
		return cli_usage("--leg: -k legs always draws exit, handler and resume");
	plot->width_cm = chosen->width_cm;
	plot->font_name = *chosen->font ? chosen->font : NULL;
	plot->font_pt = chosen->font_pt;
	plot->data = chosen->data;
	if (chosen->data && chosen->out && !strcmp(chosen->out, "-"))
		return cli_usage("--data needs a file: it writes to the folder FILE.data");
	return STATUS_OK;
}

/* Without --output: KIND.FORMAT in the working directory. */
static void name_output(const struct plot_options *chosen, struct plot *plot, char *name,
			size_t size)
{
	snprintf(name, size, "%s.%s", chosen->kind, plot->format->name);
	plot->out = chosen->out ? chosen->out : name;
}

/* Of `storms`, NULL: all, or as many as one figure shows clearly. */
static int draw_runs(struct plot *plot, const char *storms, const struct runs *runs, char *note)
{
	const char **names =
		storms ? choose_names(storms, runs->run, runs->count, &plot->storms) : NULL;
	char why[RUN_WHY];
	int error;

	plot->storm = names;
	error = plot_draw(plot, runs->run, runs->count, note, why);
	free(names);
	if (error == -EPIPE && !strcmp(plot->out, "-"))
		return STATUS_PIPE;
	return error ? cli_fail("%s", why) : STATUS_OK;
}

static int draw(struct plot *plot, const char *storms, char **path, size_t count)
{
	char note[RUN_WHY];
	struct runs runs;
	int status = runs_open(&runs, path, count);

	if (status == STATUS_OK)
		status = choose_check_runs(storms, runs.run, runs.count);
	if (status == STATUS_OK)
		status = draw_runs(plot, storms, &runs, note);
	runs_close(&runs);
	if (status != STATUS_OK)
		return status;
	if (*note)
		cli_warn("%s", note);
	if (strcmp(plot->out, "-"))
		printf("%s\n", plot->out);
	return STATUS_OK;
}

static const char *store_kind_name(size_t index)
{
	return index < STORE_KINDS ? plot_store_kinds[index] : NULL;
}

struct store_figure {
	enum plot_store_kind kind;
	const struct plot *plot;
};

static int draw_store(void *arg, struct store *store, const struct query *query)
{
	const struct store_figure *figure = arg;
	char why[RUN_WHY];
	int error = plot_store(store, query, figure->kind, figure->plot, why);

	if (error == -EPIPE && !strcmp(figure->plot->out, "-"))
		return STATUS_PIPE;
	if (error)
		return cli_fail("%s", why);
	if (strcmp(figure->plot->out, "-"))
		printf("%s\n", figure->plot->out);
	return STATUS_OK;
}

static int draw_groups(const struct plot_options *chosen, const struct plot *plot)
{
	struct store_figure figure = {.plot = plot};
	struct query query = {.storms = chosen->storms, .leg = chosen->leg};
	char names[256];

	while (figure.kind < STORE_KINDS && strcmp(chosen->kind, plot_store_kinds[figure.kind]))
		figure.kind++;
	if (figure.kind == STORE_KINDS)
		return cli_usage("--kind: of a store there are %s",
				 join(names, sizeof(names), store_kind_name));
	return store_query_use(chosen->store, chosen->by, &chosen->where, query, draw_store,
			       &figure);
}

static int run_plot(int argc, char **argv)
{
	struct plot_options chosen = {.leg = LEGS};
	int status = options_parse(&cmd_plot, argc, argv, &chosen);
	struct plot plot = {0};
	char name[64];

	if (status == OPTIONS_PARSED) {
		status = store_query_usage(chosen.store, chosen.by, &chosen.where, argc - optind);
		if (!chosen.kind)
			chosen.kind = chosen.store ? plot_store_kinds[STORE_GENERATIONS] : "cdf";
		if (status == STATUS_OK)
			status = resolve(&chosen, &plot);
		if (status == STATUS_OK) {
			name_output(&chosen, &plot, name, sizeof(name));
			status = chosen.store
					 ? draw_groups(&chosen, &plot)
					 : draw(&plot, chosen.storms, argv + optind, argc - optind);
		}
	}
	return status;
}

const struct command cmd_plot = {
	.name = "plot",
	.usage = "RUN...|--store FILE [OPTION...]",
	.text = "draw figures of one or several runs",
	.options = options,
	.notes = "Needs gnuplot. Real and emulated ticks do not go into one figure. Runs with\n"
		 "different TSC frequencies are drawn in ns. Without --storms all are drawn, or\n"
		 "some of each group if those are too many for one figure.\n",
	.run = run_plot,
};
