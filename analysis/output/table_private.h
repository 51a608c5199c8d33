/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a table is made of, for table.c (which fills it) and the forms that it is printed in. */
#ifndef ANALYSIS_OUTPUT_TABLE_PRIVATE_H
#define ANALYSIS_OUTPUT_TABLE_PRIVATE_H

#include "table.h"

struct column {
	char *head;
	bool right;
	size_t width; /* at least */
};

struct row {
	char **cell;
	size_t cells;
	char *section; /* a heading instead of cells */
};

struct table {
	char *title;
	struct column *column;
	struct row *row;
	char **note;
	size_t columns, rows, notes;
	bool lost; /* no memory for some part of it */
};

/* "" where a row has fewer cells than the table has columns. */
static inline const char *table_at(const struct row *row, size_t column)
{
	return column < row->cells ? row->cell[column] : "";
}

void table_csv(const struct table *table, FILE *out);
void table_markdown(const struct table *table, FILE *out);
void table_latex(const struct table *table, FILE *out);

#endif
