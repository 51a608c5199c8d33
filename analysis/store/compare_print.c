// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../compare/numbers.h"
#include "../output/units.h"
#include "../stats/power.h"

#define CELL 64

/* Figures of a row in a fixed order: those of programs are plain numbers. */
static void plain_cells(struct table *table, const struct store_row *row)
{
	const double value[] = {row->base.value,     row->group.p50.value, exp(row->shift.log),
				exp(row->shift.low), exp(row->shift.high), row->p};

	table_cell(table, "%s", query_unit_name[row->group.unit]);
	for (size_t i = 0; i < sizeof(value) / sizeof(*value); i++) {
		if (isfinite(value[i]))
			table_cell(table, "%.10g", value[i]);
		else
			table_cell(table, "%s", "");
	}
	table_cell(table, "%s", verdict_name[row->verdict]);
}

static void value_cell(struct table *table, double value, enum query_unit unit)
{
	char text[CELL];

	if (unit == QUERY_NS)
		units_ns(text, sizeof(text), value, 1e9);
	else
		units_ticks(text, sizeof(text), value);
	table_cell(table, "%s", text);
}

/* In a group of one machine the unit is the run. */
static bool of_one_machine(const struct query_figure *figure)
{
	return figure->machines < 2;
}

static const char *unit_of(const struct store_row *row)
{
	return of_one_machine(&row->base) || of_one_machine(&row->group.p50) ? "run" : "machine";
}

static void verdict_cell(struct table *table, const struct store_comparison *comparison,
			 const struct store_row *row)
{
	double alpha = INFERENCE_ALPHA / comparison->rows;
	double needed = shift_needed(&row->shift, comparison->margin, alpha);
	char number[CELL];

	if (row->verdict != VERDICT_UNCLEAR)
		table_cell(table, "%s", verdict_name[row->verdict]);
	else if (isnan(row->shift.low))
		table_cell(table, "unclear (1 %s)", unit_of(row));
	else
		table_cell(table, "unclear (%s)", units_ticks(number, sizeof(number), needed));
}

static void text_cells(struct table *table, const struct store_comparison *comparison,
		       const struct store_row *row)
{
	char text[COMPARE_CELL];

	value_cell(table, row->base.value, row->group.unit);
	value_cell(table, row->group.p50.value, row->group.unit);
	compare_put_ratio(text, row->shift.log);
	table_cell(table, "%s", text);
	compare_put_interval(text, &row->shift);
	table_cell(table, "%s", text);
	verdict_cell(table, comparison, row);
}

static void add_columns(struct table *table, const struct query *query, bool plain)
{
	static const char *const text[] = {"base", "p50", "ratio", "95 %", "verdict"};
	static const char *const csv[] = {"unit",     "base_p50",  "p50",    "ratio",
					  "ci95_low", "ci95_high", "p_holm", "verdict"};
	const char *const *head = plain ? csv : text;
	size_t count = plain ? sizeof(csv) / sizeof(*csv) : sizeof(text) / sizeof(*text);

	for (size_t i = 0; i < query->keys; i++) {
		const char *last = strrchr(query->by[i], '.');

		table_column(table, plain || !last ? query->by[i] : last + 1, false);
	}
	table_column(table, "storm", false);
	table_column(table, "runs", true);
	table_column(table, "machines", true);
	for (size_t i = 0; i < count; i++)
		table_column(table, head[i], true);
}

/* The unit of inference, and how many rows have which verdict. */
static void add_unit_notes(struct table *table, const struct store_comparison *comparison)
{
	size_t paired = 0, mixed = 0, one = 0;

	for (size_t i = 0; i < comparison->rows; i++) {
		const struct store_row *row = &comparison->row[i];
		bool base = of_one_machine(&row->base), now = of_one_machine(&row->group.p50);

		paired += row->shift.paired;
		one += base && now;
		mixed += base != now;
	}
	table_note(table, "The figure of a group is the centre of its machines' figures; ratio of "
			  "two with its 95 %% interval from machine to machine (Yuen and Welch's t "
			  "of trimmed means, on logarithms).");
	if (paired)
		table_note(table,
			   "The same machines in both groups (%zu of %zu rows): the ratio is the "
			   "centre of the machines' own ratios.",
			   paired, comparison->rows);
	if (one)
		table_note(table,
			   "One machine in each group (%zu of %zu rows): the unit is the run, and "
			   "how machines differ is not in the interval.",
			   one, comparison->rows);
	if (mixed)
		table_note(table,
			   "One machine in one of the groups (%zu of %zu rows): its part of the "
			   "interval is from run to run, and tells nothing of others of its kind.",
			   mixed, comparison->rows);
}

static void add_notes(struct table *table, const struct store_comparison *comparison)
{
	const struct query_figure *first = &comparison->row->base;
	char base[CELL * QUERY_KEYS] = "", margin[CELL];

	for (size_t i = 0; i < comparison->query->keys; i++)
		snprintf(base + strlen(base), sizeof(base) - strlen(base), "%s%s %.60s",
			 i ? ", " : "", comparison->query->by[i], comparison->base[i]);
	table_note(table, "base: %s, %zu runs of %zu machine%s.", base, first->runs,
		   first->machines, first->machines == 1 ? "" : "s");
	add_unit_notes(table, comparison);
	table_note(table,
		   "same: the interval lies within +-%s %%. faster, slower: p < 0.05 by Holm over "
		   "the %zu rows. unclear (N): about N machines in each group would settle it, or "
		   "runs where it is judged by runs.",
		   units_plain(margin, sizeof(margin), comparison->margin * 100), comparison->rows);
	if (comparison->alone)
		table_note(table, "%zu figures of other groups have none of the base beside them.",
			   comparison->alone);
}

int store_comparison_print(const struct store_comparison *comparison, FILE *out,
			   enum table_form form, int width)
{
	struct table *table = table_new(NULL);
	bool plain = form == TABLE_CSV;
	int error;

	if (!table)
		return -ENOMEM;
	add_columns(table, comparison->query, plain);
	for (size_t i = 0; i < comparison->rows; i++) {
		const struct store_row *row = &comparison->row[i];

		table_row(table);
		for (size_t j = 0; j < comparison->query->keys; j++)
			table_cell(table, "%s", *row->group.by[j] ? row->group.by[j] : "-");
		table_cell(table, "%s", row->group.storm);
		table_cell(table, "%zu", row->group.p50.runs);
		table_cell(table, "%zu", row->group.p50.machines);
		if (plain)
			plain_cells(table, row);
		else
			text_cells(table, comparison, row);
	}
	add_notes(table, comparison);
	error = table_print(table, out, form, width);
	table_free(table);
	return error;
}

static json_t *by_json(const struct query *query, const char by[][QUERY_TEXT])
{
	json_t *object = json_object();

	for (size_t i = 0; i < query->keys; i++)
		compose_set(object, query->by[i], compose_text_or_null(by[i]));
	return object;
}

static json_t *row_json(const struct store_comparison *comparison, const struct store_row *row)
{
	const struct query_group *group = &row->group;
	json_t *object = compose_pack("{s:o}", "by", by_json(comparison->query, group->by));
	const struct {
		const char *key;
		double value;
	} number[] = {
		{"base_p50", row->base.value},	     {"p50", group->p50.value},
		{"ratio", exp(row->shift.log)},	     {"ci95_low", exp(row->shift.low)},
		{"ci95_high", exp(row->shift.high)}, {"p_holm", row->p},
	};

	compose_set(object, "storm", compose_text(group->storm));
	compose_set(object, "leg", compose_text(group->leg));
	compose_set(object, "site", compose_text(group->site));
	compose_set(object, "clock", compose_text(group->clock));
	compose_set(object, "unit", compose_text(query_unit_name[group->unit]));
	compose_set(object, "base_runs", json_integer(row->base.runs));
	compose_set(object, "runs", json_integer(group->p50.runs));
	compose_set(object, "base_machines", json_integer(row->base.machines));
	compose_set(object, "machines", json_integer(group->p50.machines));
	compose_set(object, "paired", json_boolean(row->shift.paired));
	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++)
		compose_set(object, number[i].key, run_number(number[i].value));
	compose_set(object, "verdict", compose_text(verdict_name[row->verdict]));
	return object;
}

int store_comparison_json(const struct store_comparison *comparison, FILE *out)
{
	json_t *rows = json_array(), *document;
	char *text;

	for (size_t i = 0; i < comparison->rows; i++)
		compose_add(rows, row_json(comparison, &comparison->row[i]));
	document = compose_pack("{s:s, s:o, s:f, s:o}", "schema", "exitstorm-store-compare/1",
				"base", by_json(comparison->query, comparison->base), "margin",
				comparison->margin, "comparisons", rows);
	text = compose_print(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	fprintf(out, "%s\n", text);
	free(text);
	json_decref(document);
	return 0;
}
