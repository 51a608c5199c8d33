/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table's memory, for table.c, which fills it, and for the forms that print it. */
#ifndef ANALYSIS_OUTPUT_TABLE_DATA_H
#define ANALYSIS_OUTPUT_TABLE_DATA_H

#include <stdbool.h>
#include <stddef.h>

struct column {
	char *head;
	bool right;
	size_t width; /* minimum, in characters */
};

struct row {
	char **cell;
	size_t cells;
	char *section; /* a heading in place of cells */
};

struct table {
	char *title;
	struct column *column;
	struct row *row;
	char **note;
	size_t columns, rows, notes;
	bool lost; /* some part of it was lost for want of memory */
};

/* "" where a row has fewer cells than the table has columns. */
static inline const char *table_at(const struct row *row, size_t column)
{
	return column < row->cells ? row->cell[column] : "";
}

#endif
