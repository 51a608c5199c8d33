// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <stdio.h>
#include <unistd.h>

#include "../../analysis/store/show.h"
#include "../../results/why.h"
#include "store_query.h"

enum form { FORM_TEXT, FORM_CSV, FORM_MARKDOWN, FORM_LATEX, FORM_JSON };

struct query_values {
	int form, leg;
	const char *storms, *by;
	struct option_list where;
	u64 width;
};

#define QUERY_FORM(option, value)                                                         \
	.name = option, .kind = OPTION_SELECT, .at = offsetof(struct query_values, form), \
	.number = (value)

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "STORE",
	 .min = 1,
	 .max = 1,
	 .complete = COMPLETE_FILE,
	 .text = "a store that 'exitstorm collect' has made"},
	STORE_QUERY_ROWS(struct query_values),
	{.letter = 's',
	 .name = "storms",
	 .value = "LIST",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct query_values, storms),
	 .complete = COMPLETE_STORMS,
	 .text = "only these storms, by name or pattern (pio_*,cpuid)"},
	{.letter = 'l',
	 .name = "leg",
	 .value = "LEG",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct query_values, leg),
	 OPTION_LEG_WORDS,
	 .text = "this leg (default: round_trip, or the leg that stands for it)"},
	{QUERY_FORM("json", FORM_JSON), .text = "JSON: all figures"},
	{QUERY_FORM("csv", FORM_CSV), .text = "CSV: all figures, in ns or ticks"},
	{QUERY_FORM("markdown", FORM_MARKDOWN), .text = "the table in Markdown"},
	{QUERY_FORM("latex", FORM_LATEX), .text = "the table in LaTeX (booktabs)"},
	{.letter = 'w',
	 .name = "width",
	 .value = "COLUMNS",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct query_values, width),
	 .min = 40,
	 .max = 10000,
	 .text = "width of the table (default: the terminal's, else 80)"},
	{},
};

static int print(struct store *store, const struct query *query, const struct query_values *chosen)
{
	static const enum table_form form[] = {
		[FORM_TEXT] = TABLE_TEXT,
		[FORM_CSV] = TABLE_CSV,
		[FORM_MARKDOWN] = TABLE_MARKDOWN,
		[FORM_LATEX] = TABLE_LATEX,
	};
	char why[RUN_WHY];
	size_t groups;
	int error = chosen->form == FORM_JSON
			    ? store_json(store, query, stdout, &groups, why)
			    : store_print(store, query, stdout, form[chosen->form], chosen->width,
					  &groups, why);

	if (error)
		return cli_fail("%s", why);
	return groups ? STATUS_OK : cli_fail("no run of the store has such figures");
}

static int query_store(struct store *store, const struct query_values *chosen)
{
	struct store_query query = {.query = {.storms = chosen->storms, .leg = chosen->leg}};
	int status = store_query_set(&query, store, chosen->by, &chosen->where);

	if (status == STATUS_OK)
		status = print(store, &query.query, chosen);
	store_query_free(&query);
	return status;
}

static int run_query(int argc, char **argv)
{
	struct query_values chosen = {.leg = LEGS, .width = cli_width()};
	int status = options_parse(&cmd_query, argc, argv, &chosen);
	struct store store;
	char why[RUN_WHY];

	if (status != OPTIONS_PARSED)
		return status;
	if (store_open(argv[optind], &store, why))
		return cli_fail("%s", why);
	status = query_store(&store, &chosen);
	store_close(&store);
	return status;
}

const struct command cmd_query = {
	.name = "query",
	.usage = "STORE [OPTION...]",
	.text = "print the figures of groups of runs of a store",
	.options = options,
	.notes =
		"Paths are those of run.json: host.cpu.codename, settings.vpid, labels.rack, ...\n",
	.run = run_query,
};
