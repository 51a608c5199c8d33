// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/compare/export.h"
#include "../../analysis/compare/text.h"
#include "../../analysis/export/formats.h"
#include "../../analysis/stats/repeats.h"
#include "../../results/memory.h"
#include "choose.h"
#include "compare_store.h"
#include "fail_above.h"
#include "inputs.h"
#include "store_query.h"

enum form { FORM_TEXT, FORM_CSV, FORM_MARKDOWN, FORM_LATEX, FORM_JSON, FORM_FORMATS };

struct compare_values {
	int form, leg, unit, quantile;
	const char *store, *by, *storms, *base;
	double margin; /* percent */
	struct fail_above fail_above;
	u64 width;
	bool force;
	struct option_list where;
};

#define COMPARE_FORM(option, value)                                                         \
	.name = option, .kind = OPTION_SELECT, .at = offsetof(struct compare_values, form), \
	.number = (value)

static const char *const unit_words[COMPARE_AUTO] = {
	[COMPARE_TICKS] = "ticks",
	[COMPARE_NS] = "ns",
	[COMPARE_CYCLES] = "cycles",
};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "BASE NEW...",
	 .min = 0,
	 .max = UINT32_MAX,
	 .complete = COMPLETE_FOLDER,
	 .text = "runs; A,B,C is a group of runs; so is a folder that holds runs, unless it is "
		 "the only operand or 'run --vary' or 'ab' has made it"},
	{.name = "store",
	 .value = "FILE",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct compare_values, store),
	 .complete = COMPLETE_FILE,
	 .text = "compare groups of runs of a store (exitstorm collect) instead of BASE and NEW"},
	STORE_QUERY_ROWS(struct compare_values),
	CHOOSE_ROW(struct compare_values, storms),
	{.letter = 'l',
	 .name = "leg",
	 .value = "LEG",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct compare_values, leg),
	 OPTION_LEG_WORDS,
	 .last_word = "all",
	 .text = "this leg, or all (default: round_trip, or the leg that stands for it in all "
		 "runs)"},
	{.name = "quantile",
	 .value = "QUANTILE",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct compare_values, quantile),
	 .words = quantile_name,
	 .word_count = RUN_QUANTILES,
	 .text = "compare p50, p99 or p99.9 of the repeats (default p50); p99 needs 1,000 records "
		 "per repeat, p99.9 10,000"},
	{.name = "margin",
	 .value = "PERCENT",
	 .kind = OPTION_PERCENT,
	 .at = offsetof(struct compare_values, margin),
	 .low = 0.001,
	 .high = 50,
	 .text = "the difference within which runs are 'same' " OPTION_DEFAULT(
		 COMPARE_MARGIN_PERCENT)},
	FAIL_ABOVE_ROWS(struct compare_values, fail_above),
	{.name = "base",
	 .value = "RUN",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct compare_values, base),
	 .complete = COMPLETE_FOLDER,
	 .text = "the run to compare with: its name, path or number (default 1)"},
	{.name = "unit",
	 .value = "UNIT",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct compare_values, unit),
	 .words = unit_words,
	 .word_count = COMPARE_AUTO,
	 .text = "ticks, ns or cycles (core cycles); default: ticks, or ns if the clocks of the "
		 "runs have different rates"},
	{.name = "force",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct compare_values, force),
	 .text = "compare runs that are not comparable (clocks, sites of legs, load of the host); "
		 "the table says so"},
	{COMPARE_FORM("json", FORM_JSON), .text = "JSON: all figures"},
	{COMPARE_FORM("csv", FORM_CSV), .text = "CSV: all figures"},
	{COMPARE_FORM("markdown", FORM_MARKDOWN), .text = "the table in Markdown"},
	{COMPARE_FORM("latex", FORM_LATEX), .text = "the table in LaTeX (booktabs)"},
	{.name = "format",
	 .value = "FORMAT",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct compare_values, form),
	 .number = FORM_FORMATS,
	 .words = format_words,
	 .word_count = FORMAT_COUNT,
	 .text = "for other tools: junit, tap and summary are of the verdicts, gbench, bmf and "
		 "gobench of both runs' figures; see show"},
	{.letter = 'w',
	 .name = "width",
	 .value = "COLUMNS",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct compare_values, width),
	 .min = 40,
	 .max = 10000,
	 .text = "width of the table (default: the terminal's, else 80)"},
	{},
};

static int print_format(const struct compare *compare, const struct compare_values *chosen)
{
	struct format_data data = {
		.input = compare->input,
		.inputs = compare->inputs,
		.compare = compare,
		.leg = OPTION_LEG(chosen->leg),
		.all_legs = chosen->leg == OPTION_ALL_LEGS,
		.wanted = chosen->storms ? choose_wants : NULL,
		.arg = (void *)chosen->storms,
		.fail_above = chosen->fail_above.percent,
		.unclear_fails = chosen->fail_above.unclear == UNCLEAR_FAIL,
	};
	char why[RUN_WHY];

	if (formats[chosen->form - FORM_FORMATS].write(&data, stdout, why))
		return cli_fail("%s", why);
	return cli_finish(STATUS_OK);
}

static const enum table_form table_forms[] = {
	[FORM_TEXT] = TABLE_TEXT,
	[FORM_CSV] = TABLE_CSV,
	[FORM_MARKDOWN] = TABLE_MARKDOWN,
	[FORM_LATEX] = TABLE_LATEX,
};

static int print(const struct compare *compare, const struct compare_values *chosen)
{
	int error;

	if (chosen->form >= FORM_FORMATS)
		return print_format(compare, chosen);
	error = chosen->form == FORM_JSON
			? compare_json(compare, stdout)
			: compare_print(compare, stdout, table_forms[chosen->form], chosen->width);
	return cli_finish(error ? cli_fail("%s", strerror(-error)) : STATUS_OK);
}

static int check_storms(const struct inputs *inputs, const char *list)
{
	struct run *first[MAX_INPUTS];

	for (size_t i = 0; i < inputs->count; i++)
		first[i] = inputs->input[i].run[0];
	return choose_check_runs(list, first, inputs->count);
}

static int compare_inputs(struct inputs *inputs, const struct compare_values *chosen)
{
	struct compare_options how = {
		.margin = chosen->margin / 100,
		.unit = chosen->unit,
		.leg = OPTION_LEG(chosen->leg),
		.quantile = chosen->quantile,
		.all_legs = chosen->leg == OPTION_ALL_LEGS,
		.force = chosen->force,
		.wanted = chosen->storms ? choose_wants : NULL,
		.arg = (void *)chosen->storms,
	};
	struct compare *compare;
	char why[RUN_WHY];
	int status;

	if (inputs->count < 2)
		return cli_usage("operand NEW is missing: there is one run only");
	if (chosen->base) {
		how.base = inputs_find(inputs, chosen->base);
		if (how.base == inputs->count)
			return cli_usage("--base: '%s' is none of the runs, nor a number from 1 "
					 "to %zu",
					 chosen->base, inputs->count);
	}
	status = check_storms(inputs, chosen->storms);
	if (status != STATUS_OK)
		return fail_above_refused(&chosen->fail_above, status);
	inputs_label(inputs, how.base);
	if (compare_new(inputs->input, inputs->count, &how, &compare, why)) {
		status = cli_fail("%s", why);
		return fail_above_refused(&chosen->fail_above, status);
	}
	status = print(compare, chosen);
	if (status == STATUS_OK)
		status = fail_above_status(&chosen->fail_above, compare);
	compare_free(compare);
	return status;
}

/* Options that the groups of a store do not have. */
static const char *not_of_store(const struct compare_values *chosen)
{
	const struct {
		bool given;
		const char *option;
	} without[] = {
		{chosen->force, "--force"},
		{chosen->unit != COMPARE_AUTO, "--unit"},
		{chosen->quantile != RUN_P50, "--quantile"},
		{chosen->leg == OPTION_ALL_LEGS, "--leg all"},
		{chosen->form >= FORM_FORMATS, "--format"},
	};

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (without[i].given)
			return without[i].option;
	return NULL;
}

static int compare_groups(const struct compare_values *chosen, int operands)
{
	const char *without = not_of_store(chosen);
	struct compare_store request = {
		.path = chosen->store,
		.by = chosen->by,
		.storms = chosen->storms,
		.base = chosen->base,
		.where = chosen->where,
		.leg = OPTION_LEG(chosen->leg),
		.margin = chosen->margin / 100,
		.width = chosen->width,
		.fail_above = chosen->fail_above,
	};

	if (operands)
		return cli_usage("--store takes no runs");
	if (without)
		return cli_usage("%s cannot be used with --store", without);
	request.json = chosen->form == FORM_JSON;
	if (!request.json)
		request.form = table_forms[chosen->form];
	return compare_store(&request);
}

static int run_compare(int argc, char **argv)
{
	struct compare_values chosen = {
		.leg = OPTION_NO_LEG,
		.unit = COMPARE_AUTO,
		.fail_above = FAIL_ABOVE_NONE,
		.margin = COMPARE_MARGIN_PERCENT,
		.width = cli_width(),
	};
	int status = options_parse(&cmd_compare, argc, argv, &chosen);
	struct inputs inputs = {0};
	bool several;

	if (status != OPTIONS_PARSED)
		return status;
	status = fail_above_check(&chosen.fail_above);
	if (status == STATUS_OK && chosen.store)
		return compare_groups(&chosen, argc - optind);
	if (status == STATUS_OK && (chosen.by || chosen.where.count))
		return cli_usage("%s needs --store", chosen.by ? "--by" : "--where");
	if (status == STATUS_OK && optind == argc)
		return cli_usage("operand BASE is missing");
	several = argc - optind > 1;
	while (status == STATUS_OK && optind < argc)
		status = inputs_add(&inputs, argv[optind++], several);
	if (status == STATUS_OK)
		status = compare_inputs(&inputs, &chosen);
	inputs_close(&inputs);
	return status;
}

const struct command cmd_compare = {
	.name = "compare",
	.usage = "BASE NEW... [OPTION...]",
	.text = "compare runs, storm by storm: faster, slower, same or unclear",
	.options = options,
	.notes = "Groups of a store: exitstorm compare --store FILE --by host.cpu.codename\n",
	.run = run_compare,
};
