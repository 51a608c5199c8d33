// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../compare/compare.h"
#include "../compare/notes.h"
#include "../compare/numbers.h"
#include "../describe/describe.h"
#include "../describe/differences.h"
#include "../output/units.h"
#include "html.h"

/* Size of an interval's bar, in pixels. */
#define BAR_WIDTH  120
#define BAR_HEIGHT 14
/* Bars are cut at this ratio: a longer one would compress the others. */
#define BAR_MAX 1.5

struct cells {
	const struct compare *compare;
	FILE *out;
	size_t rows;
};

static void put_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	report_text(out, text);
	fputs("</td>", out);
}

static void put_heads(FILE *out, const char *label)
{
	static const struct {
		const char *text;
		bool left;
	} heads[] = {
		{"storm", true}, {"leg", true},	    {"run", true},   {"base", false},
		{"its", false},	 {"ratio", false},  {"95 %", false}, {"interval", false},
		{"p99", false},	 {"verdict", true},
	};

	fprintf(out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n"
		"<table class=\"sortable\">\n<thead><tr>",
		label);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		fprintf(out, "<th scope=\"col\"%s>%s</th>", heads[i].left ? " class=\"text\"" : "",
			heads[i].text);
	fputs("</tr></thead>\n<tbody>\n", out);
}

static void put_difference(void *arg, const char *path, const json_t *const *values)
{
	struct cells *cells = arg;

	if (compare_is_volatile(path))
		return;
	if (!cells->rows++) {
		fputs("<table class=\"environment\">\n<thead><tr><th scope=\"col\">what "
		      "differs</th>",
		      cells->out);
		for (size_t i = 0; i < cells->compare->inputs; i++) {
			fputs("<th scope=\"col\">", cells->out);
			report_text(cells->out, cells->compare->input[i].label);
			fputs("</th>", cells->out);
		}
		fputs("</tr></thead>\n<tbody>\n", cells->out);
	}
	fputs("<tr><th scope=\"row\">", cells->out);
	report_text(cells->out, path);
	fputs("</th>", cells->out);
	for (size_t i = 0; i < cells->compare->inputs; i++) {
		char *text = differences_text(values[i]);

		put_cell(cells->out, text ? text : "");
		free(text);
	}
	fputs("</tr>\n", cells->out);
}

static int put_differences(const struct compare *compare, FILE *out)
{
	const json_t **json = memory_new(compare->inputs, sizeof(*json));
	struct cells cells = {compare, out, 0};
	int found;

	for (size_t i = 0; i < compare->inputs; i++)
		json[i] = compare->input[i].run[0]->json;
	found = differences_each(json, compare->inputs, put_difference, &cells);
	fputs(cells.rows ? "</tbody></table>\n"
			 : "<p>Tool, target, host, settings and plan are the same.</p>\n",
	      out);
	free(json);
	return found < 0 ? found : 0;
}

/* The scale of the bars, as a logarithm: up to the furthest end of an interval, at most BAR_MAX. */
static double bar_range(const struct compare *compare)
{
	double range = 2 * log1p(compare->margin);

	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->inputs; j++) {
			const struct compare_cell *cell = &compare->row[i].cell[j];

			if (j != compare->base && cell->there)
				range = fmax(range, fmax(-cell->shift.low, cell->shift.high));
		}
	return fmin(range * 1.1, log(BAR_MAX)); /* leaves room for the dot */
}

static double bar_at(double value, double range)
{
	double at = (value / range + 1) * BAR_WIDTH / 2;

	return fmin(fmax(at, 0), BAR_WIDTH);
}

/* Draws the interval against 1 and the margin. */
static void put_bar(const struct compare *compare, const struct compare_cell *cell, double range,
		    FILE *out)
{
	double margin = log1p(compare->margin), middle = BAR_HEIGHT / 2.0;

	fprintf(out,
		"<td class=\"bar\" data-v=\"%.17g\"><svg aria-hidden=\"true\" width=\"%d\" "
		"height=\"%d\" "
		"viewBox=\"0 0 %d %d\"><rect class=\"margin\" x=\"%.1f\" y=\"0\" width=\"%.1f\" "
		"height=\"%d\"/><path class=\"one\" d=\"M%.1f 0V%d\"/>",
		cell->shift.log, BAR_WIDTH, BAR_HEIGHT, BAR_WIDTH, BAR_HEIGHT,
		bar_at(-margin, range), bar_at(margin, range) - bar_at(-margin, range), BAR_HEIGHT,
		bar_at(0, range), BAR_HEIGHT);
	if (isfinite(cell->shift.low) && isfinite(cell->shift.high))
		fprintf(out, "<path class=\"interval\" d=\"M%.1f %.1fH%.1f\"/>",
			bar_at(cell->shift.low, range), middle, bar_at(cell->shift.high, range));
	if (isfinite(cell->shift.log))
		fprintf(out, "<circle class=\"ratio\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
			bar_at(cell->shift.log, range), middle);
	fputs("</svg></td>", out);
}

static void put_row(const struct compare *compare, const struct compare_row *row, size_t input,
		    double range, FILE *out)
{
	const struct compare_cell *base = &row->cell[compare->base], *cell = &row->cell[input];
	char text[COMPARE_CELL];

	fputs("<tr><th scope=\"row\" class=\"text\">", out);
	report_text(out, row->storm->name);
	fprintf(out, "</th><td class=\"text\">%s</td><td class=\"text\">", leg_name[row->leg]);
	report_text(out, compare->input[input].label);
	fputs("</td>", out);
	compare_put_value(compare, text, base->value);
	report_number(out, base->value, text);
	compare_put_value(compare, text, cell->value);
	report_number(out, cell->value, text);
	compare_put_ratio(text, cell->shift.log);
	report_number(out, cell->shift.log, text);
	compare_put_interval(text, &cell->shift);
	report_number(out, cell->shift.high - cell->shift.low, text);
	put_bar(compare, cell, range, out);
	compare_put_ratio(text, cell->tail.log);
	report_number(out, exp(cell->tail.log), text);
	compare_put_verdict(text, cell, compare->groups);
	fprintf(out, "<td class=\"text %s\">%s", verdict_name[cell->verdict], text);
	if (*row->note) {
		fputs("; ", out);
		report_text(out, row->note);
	}
	fputs("</td></tr>\n", out);
}

static int put_notes(const struct compare *compare,
		     void (*put)(const struct compare *compare, FILE *out), FILE *out)
{
	char *text = NULL;
	size_t size;
	FILE *notes = memory_stream(&text, &size);

	put(compare, notes);
	memory_end(notes, &text);
	if (*text) {
		fputs("<div class=\"notes legend\">", out);
		report_text(out, text);
		fputs("</div>\n", out);
	}
	free(text);
	return 0;
}

static void put_table(const struct compare *compare, const char *label, FILE *out)
{
	double range = bar_range(compare);
	char margin[32];

	fprintf(out, "<p class=\"legend\">base, its: p50 in %s of ",
		compare_unit_name[compare->unit]);
	report_text(out, compare->input[compare->base].label);
	fprintf(out,
		" and of the run. interval: the ratio's, on a scale from %.2f to %.2f; shaded: "
		"within "
		"&#177;%s %%.</p>\n",
		exp(-range), exp(range),
		units_plain(margin, sizeof(margin), compare->margin * 100));
	put_heads(out, label);
	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->inputs; j++)
			if (j != compare->base && compare->row[i].cell[j].there)
				put_row(compare, &compare->row[i], j, range, out);
	fputs("</tbody>\n</table>\n</div>\n", out);
}

static bool is_incomparable(int error)
{
	return error == -EDOM || error == -ENODATA;
}

static int put_comparison(const struct compare *compare, FILE *out)
{
	int error = put_differences(compare, out);

	if (error)
		return error;
	put_table(compare, "comparison", out);
	return put_notes(compare, compare_put_notes, out);
}

static int put_legs(const struct compare *compare, FILE *out)
{
	int error;

	fputs("<details><summary>Leg by leg</summary>\n", out);
	put_table(compare, "comparison leg by leg", out);
	fputs("<p class=\"legend\">The comparisons of each leg are a family of their own.</p>\n",
	      out);
	error = put_notes(compare, compare_put_omitted, out);
	fputs("</details>\n", out);
	return error;
}

/* Compares all inputs with one. Runs that cannot be compared are no error: the page says why. */
static int put_family(const struct compare_input *input, size_t inputs, size_t base, FILE *out,
		      char *why)
{
	struct compare_options options = {
		.base = base, .margin = COMPARE_MARGIN, .unit = COMPARE_AUTO, .leg = LEGS};
	struct compare *compare = NULL;
	int error = compare_new(input, inputs, &options, &compare, why);

	fputs("<h3>Beside ", out);
	report_text(out, input[base].label);
	fputs("</h3>\n", out);
	if (is_incomparable(error)) {
		fputs("<p>Not compared: ", out);
		report_text(out, why);
		fputs("</p>\n", out);
		return 0;
	}
	if (error)
		return error;
	error = put_comparison(compare, out);
	compare_free(compare);
	if (error)
		return why_say(why, error, "no memory");
	options.all_legs = true;
	error = compare_new(input, inputs, &options, &compare, why);
	if (error)
		return is_incomparable(error) ? 0 : error;
	error = put_legs(compare, out);
	compare_free(compare);
	return error ? why_say(why, error, "no memory") : 0;
}

static int put_figures(const struct compare_input *input, size_t inputs,
		       struct report_figures *figures, FILE *out, char *why)
{
	static const char *const kinds[] = {"box", "generations", "scaling", "sweep"};
	struct run **run = memory_new(inputs, sizeof(struct run *));
	int error = 0;

	for (size_t i = 0; !error && i < inputs; i++)
		run[i] = input[i].run[0];
	for (size_t i = 0; !error && i < sizeof(kinds) / sizeof(*kinds); i++)
		error = report_figure(figures, kinds[i], run, inputs, out, why);
	free(run);
	return error;
}

static bool same_clock(const struct run *one, const struct run *other)
{
	return describe_emulated(one) == describe_emulated(other) &&
	       !strcmp(run_string(one, "target.clock"), run_string(other, "target.clock"));
}

#define NAME 256

/* Folders of the same name are labelled with their paths. */
static const char *label_of(struct run *const *run, size_t runs, size_t index, char *name)
{
	char other[NAME];

	describe_name(run[index], name, NAME);
	for (size_t i = 0; i < runs; i++)
		if (i != index && !strcmp(describe_name(run[i], other, NAME), name))
			return run[index]->path;
	return name;
}

/*
 * Compares, as one family, the runs that are not `done` and have the clock of run[first]. The base
 * is run[base] if it is one of them, else run[first].
 */
static int put_one(struct run **run, size_t runs, size_t base, size_t first, bool *done,
		   struct report_figures *figures, FILE *out, char *why)
{
	struct compare_input *input = memory_new(runs, sizeof(*input));
	char(*name)[NAME] = memory_new(runs, sizeof(*name));
	size_t inputs = 0, base_input = 0;
	int error = 0;

	for (size_t i = first; i < runs; i++) {
		if (done[i] || !same_clock(run[first], run[i]))
			continue;
		done[i] = true;
		if (i == base)
			base_input = inputs;
		input[inputs++] =
			(struct compare_input){label_of(run, runs, i, name[i]), &run[i], 1};
	}
	if (inputs > 1) {
		error = put_family(input, inputs, base_input, out, why);
		if (!error)
			error = put_figures(input, inputs, figures, out, why);
	} else {
		fputs("<p>No other run has the clock of ", out);
		report_text(out, input[0].label);
		fputs(": it is not compared.</p>\n", out);
	}
	free(input);
	free(name);
	return error;
}

int report_compare(struct run **run, size_t runs, size_t base, struct report_figures *figures,
		   FILE *out, char *why)
{
	bool *done = memory_new(runs, sizeof(*done));
	int error = 0;

	for (size_t i = 0; !error && i < runs; i++)
		if (!done[i])
			error = put_one(run, runs, base, i, done, figures, out, why);
	free(done);
	return error;
}
