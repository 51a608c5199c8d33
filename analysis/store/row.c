// SPDX-License-Identifier: GPL-2.0-or-later
#include "row.h"

#include <math.h>

void row_text(struct row *row, const char *value)
{
	row->failed |= sqlite3_bind_text(row->statement, ++row->bound, value, -1,
					 SQLITE_TRANSIENT) != SQLITE_OK;
}

void row_integer(struct row *row, sqlite3_int64 value)
{
	row->failed |= sqlite3_bind_int64(row->statement, ++row->bound, value) != SQLITE_OK;
}

void row_real(struct row *row, double value)
{
	if (isfinite(value))
		row->failed |=
			sqlite3_bind_double(row->statement, ++row->bound, value) != SQLITE_OK;
	else
		row->failed |= sqlite3_bind_null(row->statement, ++row->bound) != SQLITE_OK;
}

void row_value(struct row *row, const json_t *json)
{
	if (json_is_integer(json))
		row_integer(row, json_integer_value(json));
	else if (json_is_boolean(json))
		row_integer(row, json_is_true(json));
	else if (json_is_real(json))
		row_real(row, json_real_value(json));
	else
		row_text(row, json_string_value(json));
}
