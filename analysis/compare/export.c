// SPDX-License-Identifier: GPL-2.0-or-later
#include "export.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/differences.h"
#include "../output/table.h"
#include "../stats/repeats.h"

#define COMPARE_SCHEMA "exitstorm-compare/1"

struct figures {
	const struct compare *compare;
	const struct compare_row *row;
	const struct compare_cell *base, *cell;
};

static double ratio(double log)
{
	return exp(log);
}

#define FIGURE(name, expression)                           \
	static double get_##name(const struct figures *of) \
	{                                                  \
		return expression;                         \
	}
FIGURE(base_n, of->base->n)
FIGURE(n, of->cell->n)
FIGURE(base_value, of->base->value)
FIGURE(value, of->cell->value)
FIGURE(base_p50, of->compare->quantile == RUN_P50 ? of->base->value : NAN)
FIGURE(p50, of->compare->quantile == RUN_P50 ? of->cell->value : NAN)
FIGURE(ratio, ratio(of->cell->shift.log))
FIGURE(ci95_low, ratio(of->cell->shift.low))
FIGURE(ci95_high, ratio(of->cell->shift.high))
FIGURE(bootstrap_low, ratio(of->cell->boot_low))
FIGURE(bootstrap_high, ratio(of->cell->boot_high))
FIGURE(clock_blur, expm1(of->cell->shift.blur))
FIGURE(p, of->cell->shift.p)
FIGURE(p_holm, of->cell->p_holm)
FIGURE(needed, of->cell->needed)
FIGURE(family, of->row->family)
FIGURE(base_p99, of->base->p99)
FIGURE(p99, of->cell->p99)
FIGURE(p99_ratio, ratio(of->cell->tail.log))
FIGURE(p99_low, ratio(of->cell->tail.low))
FIGURE(p99_high, ratio(of->cell->tail.high))

#define NAMED(name)               \
	{                         \
#name, get_##name \
	}
/* In the order of CSV; JSON has the same names. */
static const struct {
	const char *name;
	double (*get)(const struct figures *of);
} figure[] = {
	NAMED(base_n),	       NAMED(n),	  NAMED(base_p50),  NAMED(p50),
	NAMED(ratio),	       NAMED(ci95_low),	  NAMED(ci95_high), NAMED(bootstrap_low),
	NAMED(bootstrap_high), NAMED(clock_blur), NAMED(p),	    NAMED(p_holm),
	NAMED(needed),	       NAMED(base_p99),	  NAMED(p99),	    NAMED(p99_ratio),
	NAMED(p99_low),	       NAMED(p99_high),	  NAMED(family),    NAMED(base_value),
	NAMED(value),
};
#define FIGURES (sizeof(figure) / sizeof(*figure))

static const char *const words[] = {"storm", "kind", "leg",	"site",	   "records", "unit",
				    "base",  "side", "verdict", "because", "note",    "method"};
#define WORDS (sizeof(words) / sizeof(*words))

static const char *word(const struct figures *of, size_t input, size_t index)
{
	const struct compare_row *row = of->row;
	const char *const all[WORDS] = {row->storm->name,
					row->storm->kind,
					leg_name[row->leg],
					row->storm->leg[row->leg].site,
					row->clean ? "clean" : "all",
					compare_unit_name[of->compare->unit],
					of->compare->input[of->compare->base].label,
					of->compare->input[input].label,
					verdict_name[of->cell->verdict],
					unclear_reason_name[of->cell->unclear_reason],
					row->note,
					of->cell->shift.paired ? "paired" : "unpaired"};

	return all[index];
}

/* Calls back for each comparison. A result that is not 0 ends the loop and is returned. */
static int each(const struct compare *compare,
		int (*one)(void *arg, const struct figures *of, size_t input), void *arg)
{
	int error = 0;

	for (size_t i = 0; i < compare->rows; i++) {
		const struct compare_row *row = &compare->row[i];

		for (size_t j = 0; !error && j < compare->inputs; j++) {
			struct figures of = {compare, row, &row->cell[compare->base],
					     &row->cell[j]};

			if (j != compare->base && row->cell[j].there)
				error = one(arg, &of, j);
		}
	}
	return error;
}

static int csv_row(void *table, const struct figures *of, size_t input)
{
	table_row(table);
	for (size_t i = 0; i < WORDS; i++)
		table_cell(table, "%s", word(of, input, i));
	for (size_t i = 0; i < FIGURES; i++) {
		double value = figure[i].get(of);

		if (isfinite(value))
			table_cell(table, "%.10g", value);
		else
			table_cell(table, "%s", "");
	}
	return 0;
}

int compare_csv(const struct compare *compare, FILE *out)
{
	struct table *table = table_new(NULL);
	int error;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < WORDS; i++)
		table_column(table, words[i], false);
	for (size_t i = 0; i < FIGURES; i++)
		table_column(table, figure[i].name, true);
	error = each(compare, csv_row, table);
	if (!error)
		error = table_print(table, out, TABLE_CSV, 0);
	table_free(table);
	return error;
}

static int json_row(void *array, const struct figures *of, size_t input)
{
	json_t *object = json_object();

	for (size_t i = 0; i < WORDS; i++)
		compose_set(object, words[i], compose_text(word(of, input, i)));
	for (size_t i = 0; i < FIGURES; i++)
		compose_set(object, figure[i].name, run_number(figure[i].get(of)));
	compose_add(array, object);
	return 0;
}

struct differing {
	const struct compare *compare;
	json_t *object;
};

static void add_difference(void *arg, const char *path, const json_t *const *values)
{
	struct differing *differing = arg;
	json_t *all = json_array();

	for (size_t i = 0; i < differing->compare->inputs; i++)
		compose_add(all, compose_copy(values[i]));
	compose_set(differing->object, path, all);
}

static json_t *differences_json(const struct compare *compare)
{
	const json_t **runs = memory_new(compare->inputs, sizeof(*runs));
	struct differing differing = {compare, json_object()};

	for (size_t i = 0; i < compare->inputs; i++)
		runs[i] = compare->input[i].run[0]->json;
	differences_each(runs, compare->inputs, add_difference, &differing);
	free(runs);
	return differing.object;
}

/* incomplete[]: null for a run that is complete. */
static void add_run(const struct run *run, json_t *runs, json_t *incomplete)
{
	char text[256];

	compose_add(runs, compose_text(run->path));
	compose_add(incomplete, compose_text_or_null(describe_incomplete(run, text, sizeof(text))));
}

static json_t *inputs_json(const struct compare *compare)
{
	json_t *inputs = json_array();

	for (size_t i = 0; i < compare->inputs; i++) {
		json_t *runs = json_array(), *incomplete = json_array();

		for (size_t j = 0; j < compare->input[i].runs; j++)
			add_run(compare->input[i].run[j], runs, incomplete);
		compose_add(inputs, compose_pack("{s:o, s:o, s:o}", "label",
						 compose_text(compare->input[i].label), "runs",
						 runs, "incomplete", incomplete));
	}
	return inputs;
}

static json_t *omitted_json(const struct compare *compare)
{
	json_t *all = json_array();

	for (size_t i = 0; i < compare->omissions; i++)
		compose_add(all, compose_pack("{s:s, s:o}", "storm", compare->omitted[i].storm,
					      "why", compose_text(compare->omitted[i].why)));
	return all;
}

int compare_json(const struct compare *compare, FILE *out)
{
	json_t *rows = json_array(), *all;
	char *text;

	each(compare, json_row, rows);
	all = compose_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:f, s:f, s:i, s:o, s:o, s:o, s:o}",
			   "schema", COMPARE_SCHEMA, "sides", inputs_json(compare), "base",
			   compose_text(compare->input[compare->base].label), "unit_of_inference",
			   compare_inference(compare), "quantile", quantile_name[compare->quantile],
			   "unit", compare_unit_name[compare->unit], "margin", compare->margin,
			   "alpha", INFERENCE_ALPHA, "tests", (int)compare->tests, "forced",
			   compose_text(compare->forced), "differences", differences_json(compare),
			   "comparisons", rows, "omitted", omitted_json(compare));
	text = compose_print(all, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fprintf(out, "%s\n", text);
	free(text);
	json_decref(all);
	return 0;
}
