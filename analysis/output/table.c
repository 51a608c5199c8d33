// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../../results/why.h"
#include "table_data.h"
#include "table_forms.h"

#define GAP	    2  /* blanks between columns */
#define MIN_WRAPPED 12 /* minimum width of a wrapped column, even where the page is narrower */

/* Appends one zeroed element to an array. NULL: no memory. */
static void *grow(void *array, size_t *count, size_t size)
{
	char **data = array, *grown;

	grown = realloc(*data, (*count + 1) * size);
	if (!grown)
		return NULL;
	*data = grown;
	memset(grown + *count * size, 0, size);
	return grown + (*count)++ * size;
}

char *table_clean(char *text)
{
	for (char *c = text; *c; c++)
		if (*c == '\t' || *c == '\n' || *c == '\r')
			*c = ' ';
	return why_clean(text);
}

static char *copy_clean(const char *text)
{
	return table_clean(memory_text(text));
}

static char *format_clean(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : table_clean(text);
}

struct table *table_new(const char *title)
{
	struct table *table = memory_new(1, sizeof(*table));

	table->title = title ? copy_clean(title) : NULL;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->columns; i++)
		free(table->column[i].head);
	for (size_t i = 0; i < table->rows; i++) {
		for (size_t j = 0; j < table->row[i].cells; j++)
			free(table->row[i].cell[j]);
		free(table->row[i].cell);
		free(table->row[i].section);
	}
	for (size_t i = 0; i < table->notes; i++)
		free(table->note[i]);
	free(table->column);
	free(table->row);
	free(table->note);
	free(table->title);
	free(table);
}

void table_column(struct table *table, const char *head, bool right)
{
	struct column *column = grow(&table->column, &table->columns, sizeof(*column));

	if (column) {
		column->head = copy_clean(head);
		column->right = right;
	}
	table->lost |= !column || !column->head;
}

void table_column_width(struct table *table, size_t columns)
{
	if (table->columns)
		table->column[table->columns - 1].width = columns;
}

void table_row(struct table *table)
{
	table->lost |= !grow(&table->row, &table->rows, sizeof(struct row));
}

void table_cell(struct table *table, const char *format, ...)
{
	struct row *row;
	char **cell;
	va_list args;

	if (!table->rows || table->row[table->rows - 1].cells == table->columns)
		return;
	row = &table->row[table->rows - 1];
	cell = grow(&row->cell, &row->cells, sizeof(*cell));
	if (cell) {
		va_start(args, format);
		*cell = format_clean(format, args);
		va_end(args);
	}
	if (cell && !*cell)
		row->cells--;
	table->lost |= !cell || !*cell;
}

void table_section(struct table *table, const char *format, ...)
{
	struct row *row = grow(&table->row, &table->rows, sizeof(*row));
	va_list args;

	if (row) {
		va_start(args, format);
		row->section = format_clean(format, args);
		va_end(args);
	}
	table->lost |= !row || !row->section;
}

void table_note(struct table *table, const char *format, ...)
{
	char **note = grow(&table->note, &table->notes, sizeof(*note));
	va_list args;

	if (note) {
		va_start(args, format);
		*note = format_clean(format, args);
		va_end(args);
	}
	if (note && !*note)
		table->notes--;
	table->lost |= !note || !*note;
}

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Columns on a terminal, one per character: our texts have no wide or combining characters. */
static size_t columns_of(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += begins_character(text[i]);
	return n;
}

static size_t width_of(const char *text)
{
	return columns_of(text, strlen(text));
}

/*
 * The number of bytes of `text` that fit into `width`, cut at a blank if there is one; at least one
 * character. Scans no more than one line, because texts may be of any length.
 */
static size_t fitting(const char *text, size_t width)
{
	size_t end, columns = 0, blank = 0;

	for (end = 0; text[end]; end++) {
		columns += begins_character(text[end]);
		if (columns > width)
			break;
		if (text[end] == ' ')
			blank = end;
	}
	if (!text[end] || text[end] == ' ')
		return end ? end : *text != '\0';
	if (blank)
		return blank;
	if (!end)
		for (end = 1; text[end] && !begins_character(text[end]);)
			end++;
	return end;
}

static void blanks(FILE *out, size_t count)
{
	fprintf(out, "%*s", (int)count, "");
}

void table_wrap(FILE *out, const char *text, int width, int indent)
{
	bool first = true;

	do {
		size_t room = first ? width : width - indent;
		size_t n = width > indent ? fitting(text, room) : strlen(text);

		if (!first)
			blanks(out, indent);
		fprintf(out, "%.*s\n", (int)n, text);
		text += n + strspn(text + n, " ");
		first = false;
	} while (*text);
}

static void put_cell(FILE *out, const char *text, size_t bytes, size_t width, bool right, bool last)
{
	size_t taken = columns_of(text, bytes), pad = width > taken ? width - taken : 0;

	if (right)
		blanks(out, pad);
	fprintf(out, "%.*s", (int)bytes, text);
	if (!last)
		blanks(out, (right ? 0 : pad) + GAP);
}

/* Prints one row, which takes several lines where the wrapped column needs them. */
static void text_row(const struct table *table, FILE *out, const struct row *row,
		     const size_t *width, size_t wrapped)
{
	const char *rest = wrapped < table->columns ? table_at(row, wrapped) : "";
	bool first = true;

	do {
		size_t end = table->columns;
		size_t n = fitting(rest, wrapped < end ? width[wrapped] : 0);

		/* Leaves out trailing blanks, after the last cell that has text. */
		while (end && !(end - 1 == wrapped ? *rest : first && *table_at(row, end - 1)))
			end--;
		for (size_t i = 0; i < end; i++) {
			const char *text = i == wrapped ? rest : first ? table_at(row, i) : "";

			put_cell(out, text, i == wrapped ? n : strlen(text), width[i],
				 table->column[i].right, i + 1 == end);
		}
		putc('\n', out);
		rest += n;
		rest += strspn(rest, " ");
		first = false;
	} while (*rest);
}

static int print_text(const struct table *table, FILE *out, int limit)
{
	size_t total = 0, wrapped = table->columns, *width;
	struct row head = {.cells = table->columns};

	width = memory_new(table->columns + 1, sizeof(*width));
	head.cell = memory_new(table->columns + 1, sizeof(*head.cell));
	for (size_t i = 0; i < table->columns; i++) {
		head.cell[i] = table->column[i].head;
		width[i] = table->column[i].width;
		if (width[i] < width_of(head.cell[i]))
			width[i] = width_of(head.cell[i]);
		for (size_t j = 0; j < table->rows; j++)
			if (width[i] < width_of(table_at(&table->row[j], i)))
				width[i] = width_of(table_at(&table->row[j], i));
		total += width[i] + (i ? GAP : 0);
		if (!table->column[i].right)
			wrapped = i;
	}
	if (limit > 0 && total > (size_t)limit && wrapped < table->columns) {
		size_t over = total - limit, min = MIN_WRAPPED;

		if (width[wrapped] > min)
			width[wrapped] = width[wrapped] > over + min ? width[wrapped] - over : min;
	} else {
		wrapped = table->columns;
	}
	if (table->title)
		table_wrap(out, table->title, limit, 0);
	text_row(table, out, &head, width, table->columns);
	for (size_t i = 0; i < table->rows; i++) {
		if (!table->row[i].section) {
			text_row(table, out, &table->row[i], width, wrapped);
			continue;
		}
		if (i)
			putc('\n', out);
		table_wrap(out, table->row[i].section, limit, 2);
	}
	for (size_t i = 0; i < table->notes; i++)
		table_wrap(out, table->note[i], limit, 2);
	free(width);
	free(head.cell);
	return 0;
}

int table_print(const struct table *table, FILE *out, enum table_form form, int width)
{
	if (table->lost)
		return -ENOMEM;
	switch (form) {
	case TABLE_TEXT:
		return print_text(table, out, width);
	case TABLE_CSV:
		table_csv(table, out);
		return 0;
	case TABLE_MARKDOWN:
		table_markdown(table, out);
		return 0;
	case TABLE_LATEX:
		table_latex(table, out);
		return 0;
	}
	return -EINVAL;
}
