// SPDX-License-Identifier: GPL-2.0-or-later
#include "columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../describe/proof.h"
#include "../output/units.h"
#include "../stats/figures.h"

#define CELL 40
#define GAP  2

typedef void put_cell(const struct show_view *view, const struct run_storm *storm, char *text);

static void put_name(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	snprintf(text, CELL, "%s", storm->name);
}

static void put_cpl(const struct show_view *view, const struct run_storm *storm, char *text)
{
	double cpl = describe_cpl(view->run, storm);

	if (view->mixed.cpl)
		snprintf(text, CELL, isnan(cpl) ? "-" : "%.0f", cpl);
}

static void put_mode(const struct show_view *view, const struct run_storm *storm, char *text)
{
	const char *mode = describe_mode(view->run, storm);

	if (view->mixed.mode)
		snprintf(text, CELL, "%s", *mode ? mode : "-");
}

static const struct run_leg *main_leg(const struct run_storm *storm)
{
	return &storm->leg[describe_main_leg(storm)];
}

static void put_p50(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	units_ticks(text, CELL, figures_p50(main_leg(storm)));
}

static void put_interval(const struct show_view *view, const struct run_storm *storm, char *text)
{
	const struct run_leg *leg = main_leg(storm);

	(void)view;
	units_half(text, CELL, figures_half(leg->ci_low, leg->ci_high));
}

/* Tails are abbreviated, which leaves room for the legs. */
static void put_tail(double ticks, char *text)
{
	if (ticks < 1e6 || isnan(ticks))
		units_ticks(text, CELL, ticks);
	else
		units_short(text, CELL, ticks);
}

static void put_p99(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_tail(figures_tail(main_leg(storm), RUN_P99), text);
}

static void put_p999(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_tail(figures_tail(main_leg(storm), RUN_P999), text);
}

static void put_half(const struct run_figure *figure, char *text)
{
	/* Empty, so that a column of none is left out. */
	if (figure->repeats)
		units_half(text, CELL, figures_half(figure->low, figure->high));
}

static void put_p99_interval(const struct show_view *view, const struct run_storm *storm,
			     char *text)
{
	(void)view;
	put_half(&main_leg(storm)->figure[RUN_P99], text);
}

static void put_p999_interval(const struct show_view *view, const struct run_storm *storm,
			      char *text)
{
	(void)view;
	put_half(&main_leg(storm)->figure[RUN_P999], text);
}

static void put_max(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_tail(main_leg(storm)->all.max, text);
}

static void put_leg(const struct run_storm *storm, enum leg leg, char *text)
{
	if (describe_has(storm, leg))
		units_ticks(text, CELL, figures_p50(&storm->leg[leg]));
	else
		snprintf(text, CELL, "-");
}

static void put_exit(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_leg(storm, LEG_EXIT, text);
}

static void put_handler(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_leg(storm, LEG_HANDLER, text);
}

static void put_resume(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_leg(storm, LEG_RESUME, text);
}

static void put_control(const struct show_view *view, const struct run_storm *storm, char *text)
{
	double ticks = describe_control(storm);

	(void)view;
	if (ticks > 0 && ticks < 1) /* several operations a tick: no rounded zero */
		snprintf(text, CELL, "%.2f", ticks);
	else
		units_ticks(text, CELL, ticks);
}

/* A baseline is to have no exit: of it only a proof says something. */
static void put_proof(const struct show_view *view, const struct run_storm *storm, char *text)
{
	const char *proof = describe_proof(storm);

	(void)view;
	snprintf(text, CELL, "%s", strcmp(proof, "unknown") ? proof : "-");
}

static void put_time(const struct show_view *view, const struct run_storm *storm, char *text)
{
	double hz = describe_hz(view->run);

	if (hz > 0)
		units_ns(text, CELL, figures_p50(main_leg(storm)), hz);
}

static void put_count(const struct show_view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	units_ticks(text, CELL, main_leg(storm)->all.count);
}

enum { ALWAYS, WITH_LEGS };

/* In the order of the table. Where the page is narrow, columns of the highest rank go first. */
static const struct {
	const char *head;
	bool right;
	int where, rank;
	put_cell *put;
} columns[] = {
	{"storm", false, ALWAYS, 0, put_name},
	{"cpl", true, ALWAYS, 0, put_cpl},
	{"mode", false, ALWAYS, 0, put_mode},
	{"p50", true, ALWAYS, 0, put_p50},
	{"time", true, ALWAYS, 5, put_time},
	{"+-%", true, ALWAYS, 1, put_interval},
	{"p99", true, ALWAYS, 0, put_p99},
	{"+-%", true, ALWAYS, 7, put_p99_interval},
	{"p99.9", true, ALWAYS, 6, put_p999},
	{"+-%", true, ALWAYS, 8, put_p999_interval},
	{"max", true, ALWAYS, 9, put_max},
	{"exit", true, WITH_LEGS, 3, put_exit},
	{"handler", true, WITH_LEGS, 3, put_handler},
	{"resume", true, WITH_LEGS, 3, put_resume},
	{"control", true, ALWAYS, 4, put_control},
	{"proof", false, ALWAYS, 0, put_proof},
	{"n", true, ALWAYS, 7, put_count},
};
_Static_assert(sizeof(columns) / sizeof(*columns) == SHOW_COLUMNS, "a layout has all columns");

static size_t widest_cell(const struct show_view *view, const struct group *group, size_t column)
{
	char text[CELL];
	size_t widest = 0;

	for (size_t i = 0; i < group->storms; i++) {
		text[0] = '\0';
		columns[column].put(view, group->storm[i], text);
		if (strlen(text) > widest)
			widest = strlen(text);
	}
	return widest;
}

void show_lay_out(const struct show_view *view, const struct group *groups, size_t count, bool legs,
		  int limit, struct show_layout *layout)
{
	size_t total = 0;
	int rank = 0;

	*layout = (struct show_layout){0};
	for (size_t i = 0; i < SHOW_COLUMNS; i++) {
		if (columns[i].where == WITH_LEGS && !legs)
			continue;
		for (size_t j = 0; j < count; j++) {
			size_t widest =
				groups[j].legs == legs ? widest_cell(view, &groups[j], i) : 0;

			if (widest > layout->width[i])
				layout->width[i] = widest;
		}
		layout->used[i] = layout->width[i];
		if (layout->width[i] < strlen(columns[i].head))
			layout->width[i] = strlen(columns[i].head);
		if (layout->used[i])
			total += layout->width[i] + (i ? GAP : 0);
		if (rank < columns[i].rank)
			rank = columns[i].rank;
	}
	for (; limit > 0 && total > (size_t)limit && rank; rank--) {
		for (size_t i = SHOW_COLUMNS; i-- && total > (size_t)limit;) {
			if (!layout->used[i] || columns[i].rank != rank)
				continue;
			layout->used[i] = false;
			total -= layout->width[i] + GAP;
		}
	}
}

void show_add_columns(struct table *table, const struct show_layout *layout)
{
	for (size_t i = 0; i < SHOW_COLUMNS; i++) {
		if (!layout->used[i])
			continue;
		table_column(table, columns[i].head, columns[i].right);
		table_column_width(table, layout->width[i]);
	}
}

void show_add_rows(struct table *table, const struct show_view *view, const struct group *group,
		   const struct show_layout *layout)
{
	for (size_t i = 0; i < group->storms; i++) {
		table_row(table);
		for (size_t j = 0; j < SHOW_COLUMNS; j++) {
			char text[CELL] = "";

			if (!layout->used[j])
				continue;
			if (columns[j].where == ALWAYS || group->legs)
				columns[j].put(view, group->storm[i], text);
			table_cell(table, "%s", text);
		}
	}
}
