// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/export/formats.h"
#include "../../analysis/stats/recount.h"
#include "../../analysis/show/controls.h"
#include "../../analysis/show/export.h"
#include "../../analysis/show/levels.h"
#include "../../analysis/show/methods.h"
#include "../../analysis/show/net.h"
#include "../../analysis/show/net_repeats.h"
#include "../../analysis/show/repeated.h"
#include "../../analysis/show/slope.h"
#include "../../analysis/show/show.h"
#include "../../results/run.h"
#include "choose.h"
#include "runs.h"

enum form {
	FORM_TEXT,
	FORM_CSV,
	FORM_MARKDOWN,
	FORM_LATEX,
	FORM_JSON,
	FORM_METHODS,
	FORM_CONTROLS,
	FORM_NET,
	FORM_FORMATS /* and those of formats[] */
};

struct show_options {
	int form, leg;
	u64 width;
	const char *storms;
	bool samples;
};

#define SHOW_FORM(option, value)                                                          \
	.name = option, .kind = OPTION_SELECT, .at = offsetof(struct show_options, form), \
	.number = (value)

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "RUN...",
	 .max = UINT32_MAX,
	 .complete = COMPLETE_FOLDER,
	 .text = "the folder of a run; default: the latest run. Several runs that repeat one measurement, or a folder of "
		 "them: what varies from record to record, repeat, run and boot, and of which of "
		 "them more would pay"},
	{SHOW_FORM("json", FORM_JSON),
	 .text = "JSON: all summaries, of all and of undisturbed records"},
	{SHOW_FORM("csv", FORM_CSV),
	 .text = "CSV: the same, one line per storm, leg and set of records"},
	{SHOW_FORM("markdown", FORM_MARKDOWN), .text = "the table in Markdown"},
	{SHOW_FORM("latex", FORM_LATEX), .text = "the table in LaTeX (booktabs)"},
	{SHOW_FORM("methods", FORM_METHODS),
	 .text = "a paragraph for a paper: how the run was measured"},
	{SHOW_FORM("controls", FORM_CONTROLS),
	 .text = "the VMX or SVM controls in force, by the names of SDM and APM"},
	{SHOW_FORM("net", FORM_NET),
	 .text = "the cost of each operation less that of its control loop, with intervals; of "
		 "runs of 'run --vary ops=1,2,4': its slope over these"},
	{.name = "format",
	 .value = "FORMAT",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct show_options, form),
	 .number = FORM_FORMATS,
	 .words = format_words,
	 .word_count = FORMAT_COUNT,
	 .text = "for other tools" FORMATS_TEXT},
	CHOOSE_ROW(struct show_options, storms),
	{.name = "samples",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct show_options, samples),
	 .text = "compute the figures again, from the records that the run has kept"},
	{.name = "leg",
	 .value = "LEG",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct show_options, leg),
	 OPTION_LEG_WORDS,
	 .last_word = "all",
	 .text = "with --samples: this leg alone, in half the time; with --format: this leg or "
		 "all, "
		 "instead of the one that stands for each storm"},
	{.letter = 'w',
	 .name = "width",
	 .value = "COLUMNS",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct show_options, width),
	 .min = 40,
	 .max = 10000,
	 .text = "width of the table (default: the terminal's, else 80); a wide one also has "
		 "time, p99.9, n and max"},
	{},
};

static int show_text(const struct run *run, FILE *out, int width)
{
	return show_print(run, out, TABLE_TEXT, width);
}

static int show_table(const struct run *run, FILE *out, int width)
{
	(void)width;
	return show_print(run, out, TABLE_MARKDOWN, 0);
}

static int show_tex(const struct run *run, FILE *out, int width)
{
	(void)width;
	return show_print(run, out, TABLE_LATEX, 0);
}

static int show_lines(const struct run *run, FILE *out, int width)
{
	(void)width;
	return show_csv(run, out);
}

static int show_document(const struct run *run, FILE *out, int width)
{
	(void)width;
	return show_json(run, out);
}

static int (*const show[FORM_FORMATS])(const struct run *run, FILE *out, int width) = {
	[FORM_TEXT] = show_text,	 [FORM_CSV] = show_lines,     [FORM_MARKDOWN] = show_table,
	[FORM_LATEX] = show_tex,	 [FORM_JSON] = show_document, [FORM_METHODS] = show_methods,
	[FORM_CONTROLS] = show_controls, [FORM_NET] = show_net,
};

static int show_format(struct run *run, const struct show_options *chosen)
{
	struct compare_input input = {.run = &run, .runs = 1};
	struct format_data data = {
		.input = &input,
		.inputs = 1,
		.leg = OPTION_LEG(chosen->leg),
		.all_legs = chosen->leg == OPTION_ALL_LEGS,
		.fail_above = -1,
	};
	char why[RUN_WHY];

	if (formats[chosen->form - FORM_FORMATS].write(&data, stdout, why))
		return cli_fail("%s", why);
	return STATUS_OK;
}

static int show_one(struct run *run, const struct show_options *chosen)
{
	int error;

	if (chosen->form >= FORM_FORMATS)
		return show_format(run, chosen);
	if (chosen->form == FORM_NET && net_ops(run) > 1)
		return cli_fail("%s: with ops=%g there is no control of as many operations: --net "
				"needs ops=1, or the runs of 'run --vary ops=1,2,4'",
				why_path(run->path), net_ops(run));
	error = show[chosen->form](run, stdout, chosen->width);
	if (error == -ENODATA)
		return cli_fail("%s: no storm has both a round trip and a leg control (runs with "
				"stamps=off and of older versions have none)",
				why_path(run->path));
	return error ? cli_fail("%s", strerror(-error)) : STATUS_OK;
}

/* The table of one run, computed again from its samples. */
static int show_samples(const char *path, const struct show_options *chosen)
{
	char why[RUN_WHY];
	struct run *run;
	int status = runs_open_raw(path, &run);

	if (status != STATUS_OK)
		return status;
	status = choose_keep(chosen->storms, &run, 1);
	if (status == STATUS_OK && recount(run, OPTION_LEG(chosen->leg), why))
		status = cli_fail("%s", why);
	if (status == STATUS_OK)
		status = show_one(run, chosen);
	run_close(run);
	return status;
}

/* The levels of repetition. */
static int show_several(const struct runs *runs, const struct show_options *chosen)
{
	static const enum table_form form[] = {
		[FORM_TEXT] = TABLE_TEXT,
		[FORM_MARKDOWN] = TABLE_MARKDOWN,
		[FORM_LATEX] = TABLE_LATEX,
	};
	char why[RUN_WHY];
	int error;

	if ((chosen->form > FORM_JSON && chosen->form != FORM_NET) || chosen->form == FORM_CSV)
		return cli_usage("of several runs there are a table, --markdown, --latex, --json "
				 "and --net");
	error = show_repeated(runs->run, runs->count, chosen->form == FORM_NET ? "ops" : NULL, why);
	if (!error && chosen->form == FORM_NET)
		error = show_slope(runs->run, runs->count, stdout, chosen->width, why);
	else if (!error)
		error = chosen->form == FORM_JSON
				? show_levels_json(runs->run, runs->count, stdout, why)
				: show_levels(runs->run, runs->count, stdout, form[chosen->form],
					      chosen->width, why);
	return error ? cli_fail("%s", why) : STATUS_OK;
}

static int show_paths(char **path, size_t count, const struct show_options *chosen)
{
	struct runs runs;
	int status;

	if (chosen->samples)
		return count > 1 ? cli_usage("--samples is of one run")
				 : show_samples(path[0], chosen);
	status = runs_open(&runs, path, count);
	if (status == STATUS_OK)
		status = choose_keep(chosen->storms, runs.run, runs.count);
	if (status == STATUS_OK)
		status = runs.count == 1 ? show_one(runs.run[0], chosen)
					 : show_several(&runs, chosen);
	runs_close(&runs);
	return status;
}

static int run_show(int argc, char **argv)
{
	struct show_options chosen = {.leg = OPTION_NO_LEG, .width = cli_width()};
	int status = options_parse(&cmd_show, argc, argv, &chosen);
	char **path = argv + optind, *latest;
	size_t count = argc - optind;

	if (status != OPTIONS_PARSED)
		return status;
	if (chosen.leg != OPTION_NO_LEG && !chosen.samples && chosen.form < FORM_FORMATS)
		return cli_usage("--leg needs --samples or --format");
	status = runs_or_latest(&path, &count, &latest);
	if (status == STATUS_OK)
		status = show_paths(path, count, &chosen);
	free(latest);
	return status;
}

const struct command cmd_show = {
	.name = "show",
	.usage = "[RUN...] [OPTION...]",
	.text = "print the figures of a run, or of runs that repeat it, as a table",
	.options = options,
	.run = run_show,
};
