// SPDX-License-Identifier: GPL-2.0-or-later
/* The summary of a run for people: text, Markdown, LaTeX. What programs read is in show_export.c.
 */
#include "show.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../describe/describe.h"
#include "../describe/groups.h"
#include "private.h"
#include "../output/units.h"

#define CELL 40
#define GAP  2

struct view {
	const struct run *run;
	bool mixed_cpl;
};

typedef void put_cell(const struct view *view, const struct run_storm *storm, char *text);

static void put_name(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	snprintf(text, CELL, "%s", storm->name);
}

static void put_cpl(const struct view *view, const struct run_storm *storm, char *text)
{
	const json_t *cpl = json_object_get(storm->json, "cpl");

	if (view->mixed_cpl && json_is_integer(cpl))
		snprintf(text, CELL, "%d", (int)json_integer_value(cpl));
}

static const struct run_leg *main_leg(const struct run_storm *storm)
{
	return &storm->leg[describe_main_leg(storm)];
}

static void put_p50(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	units_ticks(text, CELL, main_leg(storm)->all.p50);
}

/* Half of the interval, in percent of its centre (which is that of the logarithms). */
static void put_interval(const struct view *view, const struct run_storm *storm, char *text)
{
	const struct run_leg *leg = main_leg(storm);
	double percent = (sqrt(leg->ci_high / leg->ci_low) - 1) * 100;

	(void)view;
	if (isfinite(percent))
		snprintf(text, CELL, "%.*f", percent < 9.95 ? 1 : 0, percent);
	else
		snprintf(text, CELL, "-");
}

/* A tail is not read to its last digit; kept short, it leaves room for the legs. */
static void put_tail(double ticks, char *text)
{
	if (ticks < 1e6)
		units_ticks(text, CELL, ticks);
	else
		units_short(text, CELL, ticks);
}

static void put_p99(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_tail(main_leg(storm)->all.p99, text);
}

static void put_p999(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_tail(main_leg(storm)->all.p999, text);
}

static void put_max(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_tail(main_leg(storm)->all.max, text);
}

static void put_leg(const struct run_storm *storm, enum leg leg, char *text)
{
	if (describe_has(storm, leg))
		units_ticks(text, CELL, storm->leg[leg].all.p50);
	else
		snprintf(text, CELL, "-");
}

static void put_exit(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_leg(storm, LEG_EXIT, text);
}

static void put_handler(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_leg(storm, LEG_HANDLER, text);
}

static void put_resume(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	put_leg(storm, LEG_RESUME, text);
}

static void put_control(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	units_ticks(text, CELL, show_control(storm));
}

static void put_time(const struct view *view, const struct run_storm *storm, char *text)
{
	double hz = describe_hz(view->run);

	if (hz > 0)
		units_ns(text, CELL, main_leg(storm)->all.p50, hz);
}

static void put_count(const struct view *view, const struct run_storm *storm, char *text)
{
	(void)view;
	units_ticks(text, CELL, main_leg(storm)->all.count);
}

enum { ALWAYS, WITH_LEGS };

/* In the order of the table. A column that is narrow on room gives way by its rank, high first. */
static const struct {
	const char *head;
	bool right;
	int where, rank;
	put_cell *put;
} columns[] = {
	{"storm", false, ALWAYS, 0, put_name},	    {"cpl", true, ALWAYS, 2, put_cpl},
	{"p50", true, ALWAYS, 0, put_p50},	    {"time", true, ALWAYS, 5, put_time},
	{"+-%", true, ALWAYS, 1, put_interval},	    {"p99", true, ALWAYS, 0, put_p99},
	{"p99.9", true, ALWAYS, 6, put_p999},	    {"max", true, ALWAYS, 8, put_max},
	{"exit", true, WITH_LEGS, 3, put_exit},	    {"handler", true, WITH_LEGS, 3, put_handler},
	{"resume", true, WITH_LEGS, 3, put_resume}, {"control", true, ALWAYS, 4, put_control},
	{"n", true, ALWAYS, 7, put_count},
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct layout {
	bool used[COLUMNS];
	size_t width[COLUMNS];
};

static size_t widest_cell(const struct view *view, const struct group *group, size_t column)
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

/* Which columns all groups with (or without) legs have, and how wide: they line up then. */
static void lay_out(const struct view *view, const struct group *groups, size_t count, bool legs,
		    int limit, struct layout *layout)
{
	size_t total = 0;
	int rank = 0;

	*layout = (struct layout){0};
	for (size_t i = 0; i < COLUMNS; i++) {
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
		for (size_t i = COLUMNS; i-- && total > (size_t)limit;) {
			if (!layout->used[i] || columns[i].rank != rank)
				continue;
			layout->used[i] = false;
			total -= layout->width[i] + GAP;
		}
	}
}

static void add_columns(struct table *table, const struct layout *layout)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!layout->used[i])
			continue;
		table_column(table, columns[i].head, columns[i].right);
		table_column_width(table, layout->width[i]);
	}
}

static void add_rows(struct table *table, const struct view *view, const struct group *group,
		     const struct layout *layout)
{
	for (size_t i = 0; i < group->storms; i++) {
		table_row(table);
		for (size_t j = 0; j < COLUMNS; j++) {
			char text[CELL] = "";

			if (!layout->used[j])
				continue;
			if (columns[j].where == ALWAYS || group->legs)
				columns[j].put(view, group->storm[i], text);
			table_cell(table, "%s", text);
		}
	}
}

/* Groups with the same columns share a table, and so its head. */
static int print_groups(const struct view *view, const struct group *groups, size_t count,
			FILE *out, int width)
{
	struct layout layout[2];
	int error = 0;

	lay_out(view, groups, count, false, width, &layout[false]);
	lay_out(view, groups, count, true, width, &layout[true]);
	for (size_t i = 0; !error && i < count;) {
		bool legs = groups[i].legs;
		struct table *table = table_new(NULL);

		if (!table)
			return -ENOMEM;
		add_columns(table, &layout[legs]);
		for (; i < count && groups[i].legs == legs; i++) {
			table_section(table, "%s", groups[i].title);
			add_rows(table, view, &groups[i], &layout[legs]);
		}
		putc('\n', out);
		error = table_print(table, out, TABLE_TEXT, width);
		table_free(table);
	}
	return error;
}

/* What not each run has, below its tables. */
static int print_more(const struct run *run, FILE *out, enum table_form form, int width)
{
	static const struct {
		bool (*has)(const struct run *);
		struct table *(*make)(const struct run *);
	} more[] = {{show_has_kernel, show_kernel}, {show_has_counters, show_counters}};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(more) / sizeof(*more); i++) {
		struct table *table;

		if (!more[i].has(run))
			continue;
		table = more[i].make(run);
		putc('\n', out);
		error = table ? table_print(table, out, form, width) : -ENOMEM;
		table_free(table);
	}
	return error;
}

/* A title's lines as a caption: "kvm target on this CPU; clock: …; settings: …". */
static char *caption_of(const char *title)
{
	const char *first = strchr(title, '\n');
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (const char *c = title; *c; c++)
		if (*c == '\n')
			fputs(c == first ? " " : "; ", out);
		else
			putc(*c, out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int print_one_table(const struct view *view, const struct group *groups, size_t count,
			   FILE *out, enum table_form form)
{
	struct layout layout, other;
	char *title = NULL, *notes = NULL, *caption = NULL;
	struct table *table = NULL;
	int error = -ENOMEM;

	if (show_title(view->run, &title) || show_notes(view->run, &notes))
		goto out;
	caption = caption_of(title);
	table = caption ? table_new(caption) : NULL;
	if (!table)
		goto out;
	lay_out(view, groups, count, true, 0, &layout);
	lay_out(view, groups, count, false, 0, &other);
	for (size_t i = 0; i < COLUMNS; i++)
		layout.used[i] |= other.used[i];
	add_columns(table, &layout);
	for (size_t i = 0; i < count; i++) {
		table_section(table, "%s", groups[i].title);
		add_rows(table, view, &groups[i], &layout);
	}
	for (char *line = notes, *next; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (*line)
			table_note(table, "%s", line);
	}
	error = table_print(table, out, form, 0);
	if (!error)
		error = print_more(view->run, out, form, 0);
out:
	table_free(table);
	free(caption);
	free(title);
	free(notes);
	return error;
}

static void print_lines(FILE *out, char *lines, int width)
{
	for (char *line = lines, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		table_wrap(out, line, width, strspn(line, " ") + 2);
	}
}

static int print_text(const struct view *view, const struct group *groups, size_t count, FILE *out,
		      int width)
{
	char *title = NULL, *notes = NULL;
	int error = -ENOMEM;

	if (show_title(view->run, &title) || show_notes(view->run, &notes))
		goto out;
	print_lines(out, title, width);
	error = print_groups(view, groups, count, out, width);
	if (!error)
		error = print_more(view->run, out, TABLE_TEXT, width);
	if (!error && *notes) {
		putc('\n', out);
		print_lines(out, notes, width);
	}
out:
	free(title);
	free(notes);
	return error;
}

/* Where all storms ran at one level, the title says so. */
static bool mixed_cpl(const struct run *run)
{
	const json_t *first = NULL;

	for (size_t i = 0; i < run->storms; i++) {
		const json_t *cpl = json_object_get(run->storm[i].json, "cpl");

		if (!describe_measured(&run->storm[i]) || !json_is_integer(cpl))
			continue;
		if (first && !json_equal(first, cpl))
			return true;
		first = cpl;
	}
	return false;
}

int show_print(const struct run *run, FILE *out, enum table_form form, int width)
{
	struct view view = {.run = run, .mixed_cpl = mixed_cpl(run)};
	struct group *groups;
	size_t count;
	int error;

	if (form == TABLE_CSV)
		return show_csv(run, out);
	groups = groups_new(run, &count);
	if (!groups)
		return -ENOMEM;
	if (form == TABLE_TEXT)
		error = print_text(&view, groups, count, out, width);
	else
		error = print_one_table(&view, groups, count, out, form);
	groups_free(groups, count);
	return error;
}
