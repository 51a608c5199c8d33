/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A statement whose parameters are bound one after the other. */
#ifndef ANALYSIS_STORE_ROW_H
#define ANALYSIS_STORE_ROW_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

struct row {
	sqlite3_stmt *statement;
	int bound;
	bool failed; /* a value could not be bound: no memory */
};

void row_text(struct row *row, const char *value); /* NULL: SQL's NULL */
void row_integer(struct row *row, sqlite3_int64 value);
void row_real(struct row *row, double value); /* NAN and infinity become NULL */
/* A number, a string or a boolean (0, 1); all else is NULL. */
void row_value(struct row *row, const json_t *json);

#endif
