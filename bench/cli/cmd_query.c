// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/store/show.h"
#include "../../results/memory.h"
#include "../../results/why.h"

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
	{.name = "where",
	 .value = "PATH=VALUE",
	 .kind = OPTION_LIST,
	 .at = offsetof(struct query_values, where),
	 .text = "only runs whose run.json has this value, or one that matches the pattern: "
		 "host.cpu.codename=Ice*, target.name=kvm,module; several must all hold"},
	{.name = "by",
	 .value = "PATH,...",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct query_values, by),
	 .text = "a group for each value of these members of run.json (default: target.name)"},
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

/* STATUS_OK: some run of the store has such a member. */
static int check_path(struct store *store, const char *option, const char *path)
{
	char why[RUN_WHY], **paths = NULL;
	const char *nearest;
	int there = store_has(store, path, &paths, why), status;
	size_t count = 0;

	if (there < 0)
		return cli_fail("%s", why);
	if (there)
		return STATUS_OK;
	while (paths[count])
		count++;
	nearest = cli_nearest(path, (const char *const *)paths, count);
	status = cli_usage("%s: no run of the store has '%s'%s%s%s", option, path,
			   nearest ? ", did you mean '" : "", nearest ? nearest : "",
			   nearest ? "'?" : "");
	free(paths);
	return status;
}

/* Splits `text` at its commas, in place. */
static int set_keys(struct store *store, struct query *query, char *text)
{
	int status = STATUS_OK;
	char *key;

	while (status == STATUS_OK && (key = strsep(&text, ","))) {
		if (query->keys == QUERY_KEYS)
			return cli_usage("--by: more than %d paths", QUERY_KEYS);
		status = check_path(store, "--by", key);
		query->by[query->keys++] = key;
	}
	return status;
}

static int set_conditions(struct store *store, struct query *query,
			  struct query_condition *condition, const struct option_list *where,
			  char **copy)
{
	int status = STATUS_OK;

	for (int i = 0; status == STATUS_OK && i < where->count; i++) {
		char *value;

		copy[i] = memory_text(where->item[i]);
		value = strchr(copy[i], '=');
		if (!value || value == copy[i])
			return cli_usage("--where: '%s' is not PATH=VALUE", where->item[i]);
		*value = '\0';
		condition[query->conditions++] =
			(struct query_condition){.key = copy[i], .value = value + 1};
		status = check_path(store, "--where", copy[i]);
	}
	query->where = condition;
	return status;
}

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
	struct query query = {.storms = chosen->storms, .leg = chosen->leg};
	struct query_condition condition[OPTION_LIST_MAX];
	char *copy[OPTION_LIST_MAX] = {0};
	char *keys = memory_text(chosen->by ? chosen->by : "target.name");
	int status = set_keys(store, &query, keys);

	if (status == STATUS_OK)
		status = set_conditions(store, &query, condition, &chosen->where, copy);
	if (status == STATUS_OK)
		status = print(store, &query, chosen);
	for (int i = 0; i < chosen->where.count; i++)
		free(copy[i]);
	free(keys);
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
