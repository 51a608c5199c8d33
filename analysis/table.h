/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of strings, and the forms it can be printed in. Cells are copied.
 */
#ifndef ANALYSIS_TABLE_H
#define ANALYSIS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_form { TABLE_TEXT, TABLE_CSV, TABLE_MARKDOWN, TABLE_LATEX };

struct table;
struct table *table_new(const char *title); /* title may be NULL */
void table_free(struct table *table);
/* right: numbers, set flush right. */
void table_column(struct table *table, const char *head, bool right);
void table_row(struct table *table); /* begins a row */
void table_cell(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void table_note(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3))); /* a line below */
/*
 * TEXT fits `width` columns (0: as wide as it needs) by wrapping the last left-set column. CSV
 * follows RFC 4180, MARKDOWN escapes |, LATEX (booktabs) escapes its special characters.
 */
int table_print(const struct table *table, FILE *out, enum table_form form, int width);

#endif
