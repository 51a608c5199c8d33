// SPDX-License-Identifier: GPL-2.0-or-later
#include "store.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "../compare/verdict.h"
#include "../output/units.h"
#include "../stats/figures.h"
#include "../store/compare.h"
#include "figure.h"
#include "html.h"
#include "page.h"

#define MAX_ROWS 2000 /* of a table: more are for `query` and `compare` */
#define MARGIN	 0.01

struct rows {
	const struct query *query;
	size_t count;
	FILE *out;
};

static void put_text_cell(FILE *out, const char *text)
{
	fputs("<td class=\"text\">", out);
	report_text(out, *text ? text : "-");
	fputs("</td>", out);
}

static void put_heads(FILE *out, const char *const *head, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "<th scope=\"col\">%s</th>", head[i]);
	fputs("</tr></thead>\n<tbody>\n", out);
}

static void put_table(const struct query *query, FILE *out)
{
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"groups\">\n"
	      "<table class=\"sortable\"><thead><tr>",
	      out);
	for (size_t i = 0; i < query->keys; i++) {
		fputs("<th scope=\"col\" class=\"text\">", out);
		report_text(out, query->by[i]);
		fputs("</th>", out);
	}
	fputs("<th scope=\"col\" class=\"text\">storm</th>", out);
}

static void put_value(FILE *out, double value, enum query_unit unit)
{
	char text[40];

	if (unit == QUERY_NS)
		units_ns(text, sizeof(text), value, 1e9);
	else
		units_ticks(text, sizeof(text), value);
	report_number(out, value, text);
}

static void put_figure(FILE *out, const struct query_figure *figure, enum query_unit unit)
{
	double half = figures_half(figure->low, figure->high);
	char text[40];

	put_value(out, figure->value, unit);
	units_half(text, sizeof(text), half);
	report_number(out, half, text);
}

static void put_count(FILE *out, size_t count)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", count);
	report_number(out, count, text);
}

static int put_group(void *arg, const struct query_group *group)
{
	struct rows *rows = arg;

	if (rows->count++ >= MAX_ROWS)
		return 0;
	fputs("<tr>", rows->out);
	for (size_t i = 0; i < rows->query->keys; i++)
		put_text_cell(rows->out, group->by[i]);
	put_text_cell(rows->out, group->storm);
	put_count(rows->out, group->p50.runs);
	put_count(rows->out, group->p50.machines);
	put_figure(rows->out, &group->p50, group->unit);
	put_figure(rows->out, &group->p99, group->unit);
	put_text_cell(rows->out, group->leg);
	put_text_cell(rows->out, group->clock);
	fputs("</tr>\n", rows->out);
	return 0;
}

static void end_table(FILE *out, size_t rows)
{
	fputs("</tbody></table>\n</div>\n", out);
	if (rows > MAX_ROWS)
		fprintf(out,
			"<p>The first %d of %zu rows: 'exitstorm query' and 'exitstorm compare' "
			"print all.</p>\n",
			MAX_ROWS, rows);
}

static int put_groups(struct store *store, const struct query *query, FILE *out, char *why)
{
	static const char *const head[] = {"runs", "machines",	"p50", "&plusmn;%",
					   "p99",  "&plusmn;%", "leg", "clock"};
	struct rows rows = {.query = query, .out = out};
	int error;

	fputs("<section id=\"groups\">\n<h2>Groups</h2>\n", out);
	put_table(query, out);
	put_heads(out, head, sizeof(head) / sizeof(*head));
	error = query_run(store, query, put_group, &rows, why);
	end_table(out, rows.count);
	fputs("<p>The figure of a group is the centre of its machines' figures, with half of its "
	      "95 % interval from machine to machine; of one machine from run to run.</p>\n"
	      "</section>\n",
	      out);
	if (!error && !rows.count)
		error = why_say(why, -ENODATA, "no run of the store has such figures");
	return error;
}

static void put_row(const struct store_comparison *comparison, const struct store_row *row,
		    FILE *out)
{
	char text[40];

	fputs("<tr>", out);
	for (size_t i = 0; i < comparison->query->keys; i++)
		put_text_cell(out, row->group.by[i]);
	put_text_cell(out, row->group.storm);
	put_value(out, row->base.value, row->group.unit);
	put_value(out, row->group.p50.value, row->group.unit);
	snprintf(text, sizeof(text), "%.3f", exp(row->shift.log));
	report_number(out, exp(row->shift.log), text);
	snprintf(text, sizeof(text), "%.3f..%.3f", exp(row->shift.low), exp(row->shift.high));
	report_number(out, exp(row->shift.low), isnan(row->shift.low) ? "-" : text);
	put_text_cell(out, verdict_name[row->verdict]);
	fputs("</tr>\n", out);
}

/* A page of groups that have no storm in common has no comparison. */
static int put_comparison(struct store *store, const struct query *query, const char *base,
			  FILE *out, char *why)
{
	static const char *const head[] = {"base", "p50", "ratio", "95 %", "verdict"};
	struct store_comparison comparison;
	char reason[RUN_WHY];
	int error = store_compare(store, query, base, MARGIN, &comparison, reason);

	if (!error) {
		fputs("<section id=\"comparison\">\n<h2>Against ", out);
		for (size_t i = 0; i < query->keys; i++) {
			fputs(i ? ", " : "", out);
			report_text(out, *comparison.base[i] ? comparison.base[i] : "-");
		}
		fputs("</h2>\n", out);
		put_table(query, out);
		put_heads(out, head, sizeof(head) / sizeof(*head));
		for (size_t i = 0; i < comparison.rows && i < MAX_ROWS; i++)
			put_row(&comparison, &comparison.row[i], out);
		end_table(out, comparison.rows);
		fputs("</section>\n", out);
	} else if (error == -ENODATA) {
		error = 0;
	} else {
		why_say(why, error, "%s", reason);
	}
	store_comparison_free(&comparison);
	return error;
}

static int put_figures(struct store *store, const struct query *query,
		       struct report_figures *figures, FILE *out, char *why)
{
	int error = 0;

	fputs("<section id=\"figures\">\n<h2>Figures</h2>\n", out);
	for (int kind = 0; !error && kind < STORE_KINDS; kind++)
		error = report_store_figure(figures, store, query, kind, out, why);
	fputs("</section>\n", out);
	return error;
}

int report_store(struct store *store, const struct query *query, const char *base, FILE *out,
		 char *note, char *why)
{
	struct report_figures figures = {.note = note};
	int error = temporary_folder(&figures.folder, temporary_top(), "exitstorm-report", 0700);

	*note = '\0';
	if (error)
		return why_say(why, error, "%s: no temporary folder: %s", temporary_top(),
			       strerror(-error));
	page_begin(out);
	report_text(out, why_path(store->path));
	page_body(out);
	fputs("<a class=\"skip\" href=\"#groups\">To the groups</a>\n"
	      "<header><h1>exitstorm report</h1>\n<p>Groups of runs of ",
	      out);
	report_text(out, why_path(store->path));
	fputs(".</p></header>\n<main>\n", out);
	error = put_groups(store, query, out, why);
	if (!error)
		error = put_comparison(store, query, base, out, why);
	if (!error)
		error = put_figures(store, query, &figures, out, why);
	page_end(out, "the store");
	temporary_remove(&figures.folder);
	return error;
}
