// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../describe/groups.h"
#include "columns.h"
#include "counters.h"
#include "export.h"
#include "joined.h"
#include "kernel.h"
#include "notes.h"

/* Groups with the same columns share a table and its head. */
static int print_groups(const struct show_view *view, const struct group *groups, size_t count,
			FILE *out, int width)
{
	struct show_layout layout[2];
	int error = 0;

	show_lay_out(view, groups, count, false, width, &layout[false]);
	show_lay_out(view, groups, count, true, width, &layout[true]);
	for (size_t i = 0; !error && i < count;) {
		bool legs = groups[i].legs;
		struct table *table = table_new(NULL);

		if (!table)
			return -ENOMEM;
		show_add_columns(table, &layout[legs]);
		for (; i < count && groups[i].legs == legs; i++) {
			table_section(table, "%s", groups[i].title);
			show_add_rows(table, view, &groups[i], &layout[legs]);
		}
		putc('\n', out);
		error = table_print(table, out, TABLE_TEXT, width);
		table_free(table);
	}
	return error;
}

/* Tables that only some runs have. */
static int print_more(const struct run *run, FILE *out, enum table_form form, int width)
{
	static const struct {
		bool (*has)(const struct run *);
		struct table *(*make)(const struct run *);
	} more[] = {{show_has_kernel, show_kernel},
		    {show_has_joined, show_joined},
		    {show_has_counters, show_counters}};
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
	FILE *out = memory_stream(&text, &size);

	for (const char *c = title; *c; c++)
		if (*c == '\n')
			fputs(c == first ? " " : "; ", out);
		else
			putc(*c, out);
	memory_end(out, &text);
	return text;
}

static int print_one_table(const struct show_view *view, const struct group *groups, size_t count,
			   FILE *out, enum table_form form)
{
	struct show_layout layout, other;
	char *title = NULL, *notes = NULL, *caption = NULL;
	struct table *table = NULL;
	int error = -ENOMEM;

	if (show_title(view->run, &title) || show_notes(view->run, &notes))
		goto out;
	caption = caption_of(title);
	table = caption ? table_new(caption) : NULL;
	if (!table)
		goto out;
	show_lay_out(view, groups, count, true, 0, &layout);
	show_lay_out(view, groups, count, false, 0, &other);
	for (size_t i = 0; i < SHOW_COLUMNS; i++)
		layout.used[i] |= other.used[i];
	show_add_columns(table, &layout);
	for (size_t i = 0; i < count; i++) {
		table_section(table, "%s", groups[i].title);
		show_add_rows(table, view, &groups[i], &layout);
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

static int print_text(const struct show_view *view, const struct group *groups, size_t count,
		      FILE *out, int width)
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

int show_print(const struct run *run, FILE *out, enum table_form form, int width)
{
	struct show_view view = {.run = run, .mixed = describe_mixed(run)};
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
