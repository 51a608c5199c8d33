// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../stats/repeats.h"
#include "../describe/guest.h"
#include "export.h"
#include "head.h"
#include "notes.h"
#include "numbers.h"

/* Ratio, interval, p99 and verdict. */
static void add_cell(const struct compare *compare, struct table *table,
		     const struct compare_row *row, const struct compare_cell *cell)
{
	char text[COMPARE_CELL];

	compare_put_ratio(text, cell->shift.log);
	table_cell(table, "%s", text);
	compare_put_interval(text, &cell->shift);
	table_cell(table, "%s", text);
	if (compare->quantile == RUN_P50) {
		compare_put_ratio(text, cell->tail.log);
		table_cell(table, "%s", text);
	}
	compare_put_verdict(text, cell, compare->groups);
	table_cell(table, "%s%s%s", text, *row->note ? "; " : "", row->note);
}

/* p99 stands beside the median only. */
static void add_columns(const struct compare *compare, struct table *table,
			const char *const *heads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (compare->quantile == RUN_P50 || strcmp(heads[i], "p99") || i != count - 2)
			table_column(table, heads[i],
				     i != 0); /* the name's column is the one that wraps */
}

static const struct run_storm *usual_guest(const struct compare *compare)
{
	return describe_usual_guest(compare->input[compare->base].run[0]);
}

/* With the storm's guest, if that is not the guest of most storms of the base. */
static void row_name(const struct compare *compare, const struct compare_row *row,
		     const struct run_storm *usual, char *text, size_t size)
{
	const struct run *run = compare->input[compare->base].run[0];
	bool plain = row->leg == LEG_ROUND_TRIP;
	char guest[40] = "";

	if (usual && !describe_same_guest(run, usual, row->storm))
		describe_guest(run, row->storm, guest, sizeof(guest));
	snprintf(text, size, "%.64s%s%s%s%s%s", row->storm->name, plain ? "" : " ",
		 plain ? "" : leg_name[row->leg], *guest ? " (" : "", guest, *guest ? ")" : "");
}

static void fill_two(const struct compare *compare, struct table *table)
{
	const char *heads[] = {"storm",
			       compare->input[compare->base].label,
			       compare->input[!compare->base].label,
			       "ratio",
			       "95 %",
			       "p99",
			       "verdict"};
	const struct run_storm *usual = usual_guest(compare);
	char text[COMPARE_CELL], name[128];

	add_columns(compare, table, heads, sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < compare->rows; i++) {
		const struct compare_row *row = &compare->row[i];

		table_row(table);
		row_name(compare, row, usual, name, sizeof(name));
		table_cell(table, "%s", name);
		compare_put_value(compare, text, row->cell[compare->base].value);
		table_cell(table, "%s", text);
		compare_put_value(compare, text, row->cell[!compare->base].value);
		table_cell(table, "%s", text);
		add_cell(compare, table, row, &row->cell[!compare->base]);
	}
}

static const char *cpu_of(const struct compare_input *input)
{
	const char *codename = run_string(input->run[0], "host.cpu.codename");

	return *codename ? codename : run_string(input->run[0], "host.cpu.brand");
}

/* Where inputs have different CPUs, a row names its CPU. */
static void put_label(const struct compare *compare, size_t input, char *text, size_t size)
{
	bool differ = false;

	for (size_t i = 1; i < compare->inputs; i++)
		differ |= strcmp(cpu_of(&compare->input[i]), cpu_of(&compare->input[0])) != 0;
	if (differ && !describe_emulated(compare->input[input].run[0]))
		snprintf(text, size, "%.60s, %.60s", cpu_of(&compare->input[input]),
			 compare->input[input].label);
	else
		snprintf(text, size, "%s", compare->input[input].label);
}

/* More than two inputs: a section per storm, in it a row per input. */
static void fill_many(const struct compare *compare, struct table *table)
{
	const char *heads[] = {"run",	 quantile_name[compare->quantile], "ratio", "95 %", "p99",
			       "verdict"};
	const struct run_storm *usual = usual_guest(compare);
	char text[COMPARE_CELL], name[128];

	add_columns(compare, table, heads, sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < compare->rows; i++) {
		const struct compare_row *row = &compare->row[i];

		row_name(compare, row, usual, name, sizeof(name));
		table_section(table, "%s", name);
		for (size_t j = 0; j < compare->inputs; j++) {
			const struct compare_cell *cell = &row->cell[j];

			table_row(table);
			put_label(compare, j, name, sizeof(name));
			table_cell(table, "%s", name);
			if (!cell->there) {
				table_cell(table, "-");
				continue;
			}
			compare_put_value(compare, text, cell->value);
			table_cell(table, "%s", text);
			if (j != compare->base) {
				add_cell(compare, table, row, cell);
				continue;
			}
			table_cell(table, "1");
			table_cell(table, "%s", "");
			if (compare->quantile == RUN_P50)
				table_cell(table, "1");
			table_cell(table, "base");
		}
	}
}

static void each_line(char *lines, void (*line)(void *arg, const char *line), void *arg)
{
	for (char *at = lines, *next; at && *at; at = next) {
		next = at + strcspn(at, "\n");
		if (*next)
			*next++ = '\0';
		if (*at)
			line(arg, table_clean(at));
	}
}

struct printer {
	FILE *out;
	int width;
};

static void print_line(void *arg, const char *line)
{
	const struct printer *printer = arg;

	table_wrap(printer->out, line, printer->width, strspn(line, " ") + 2);
}

static void note_line(void *arg, const char *line)
{
	table_note(arg, "%s", line);
}

static int texts(const struct compare *compare, char **head, char **notes)
{
	size_t size;
	FILE *out = memory_stream(head, &size);
	int error = compare_put_head(compare, out);

	memory_end(out, head);
	if (error)
		return error;
	out = memory_stream(notes, &size);
	compare_put_notes(compare, out);
	memory_end(out, notes);
	return 0;
}

int compare_print(const struct compare *compare, FILE *out, enum table_form form, int width)
{
	struct printer printer = {.out = out, .width = width};
	char *head = NULL, *notes = NULL;
	struct table *table = NULL;
	int error;

	if (form == TABLE_CSV)
		return compare_csv(compare, out);
	error = texts(compare, &head, &notes);
	if (!error) {
		table = table_new(form == TABLE_TEXT ? NULL : "Comparison, p50 and ratios");
		error = table ? 0 : -ENOMEM;
	}
	if (error)
		goto out;
	if (compare->inputs == 2)
		fill_two(compare, table);
	else
		fill_many(compare, table);
	if (form == TABLE_TEXT) {
		each_line(head, print_line, &printer);
		putc('\n', out);
	} else {
		each_line(head, note_line, table);
		each_line(notes, note_line, table);
	}
	error = table_print(table, out, form, width);
	if (!error && form == TABLE_TEXT) {
		putc('\n', out);
		each_line(notes, print_line, &printer);
	}
out:
	table_free(table);
	free(head);
	free(notes);
	return error;
}
