/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of strings, and the forms it can be printed in. Cells are copied and control characters
 * replaced, so that a string from a damaged run cannot control the terminal.
 */
#ifndef ANALYSIS_OUTPUT_TABLE_H
#define ANALYSIS_OUTPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_form { TABLE_TEXT, TABLE_CSV, TABLE_MARKDOWN, TABLE_LATEX };

struct table;
struct table *table_new(const char *title); /* title may be NULL */
void table_free(struct table *table);	    /* NULL is fine */
/* `right`: align right, for numbers. */
void table_column(struct table *table, const char *head, bool right);
/* Minimum width of the column that was added last, in TEXT, so that several tables line up. */
void table_column_width(struct table *table, size_t columns);
void table_row(struct table *table); /* begins a row */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A heading between rows, over all columns; not in CSV. */
void table_section(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A line below; not in CSV. */
void table_note(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * TEXT fits `width` columns (0: no limit) by wrapping the last left-aligned column, title and
 * notes. CSV follows RFC 4180, MARKDOWN escapes |, LATEX (booktabs) its special characters.
 * -ENOMEM: a cell was lost while the table was filled, nothing is printed.
 */
int table_print(const struct table *table, FILE *out, enum table_form form, int width);

/*
 * Prints text wrapped to `width` (0: not wrapped); lines after the first begin with `indent`
 * blanks.
 */
void table_wrap(FILE *out, const char *text, int width, int indent);
/* Text within a paragraph of Markdown, which stays text: no link, no HTML, no heading. */
void table_markdown_text(const char *text, FILE *out);
/* Replaces control characters in place. Returns `text`. */
char *table_clean(char *text);

#endif
