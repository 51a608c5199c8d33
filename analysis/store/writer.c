// SPDX-License-Identifier: GPL-2.0-or-later
#include "writer.h"

#include <errno.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../../results/why.h"

static const char *const sql[WRITER_STATEMENTS] = {
	[WRITER_FIND] = "SELECT id FROM run WHERE digest = ?1",
	[WRITER_FIND_UUID] = "SELECT id FROM run WHERE uuid = ?1",
	[WRITER_FIND_MACHINE] = "SELECT id FROM machine WHERE name = ?1",
	[WRITER_ADD_MACHINE] = "INSERT INTO machine (name) VALUES (?1)",
	[WRITER_ADD_RUN] =
		"INSERT INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[WRITER_ADD_MEMBER] = "INSERT OR REPLACE INTO environment VALUES (?1, ?2, ?3)",
	[WRITER_ADD_STORM] =
		"INSERT INTO storm VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
		"?13, ?14)",
	[WRITER_ADD_LEG] =
		"INSERT INTO leg VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
		"?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
	[WRITER_ADD_REPEAT] = "INSERT OR REPLACE INTO repeat VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[WRITER_ADD_WARNING] = "INSERT INTO warning VALUES (?1, ?2)",
};

struct row writer_begin(struct store_writer *writer, int which)
{
	return (struct row){.statement = writer->statement[which]};
}

int writer_end(struct store_writer *writer, struct row *row, char *why)
{
	if (row->failed)
		return why_say(why, -ECANCELED, "%s: no memory", why_path(writer->store->path));
	return store_run(writer->store, row->statement, why) ? -ECANCELED : 0;
}

int store_writer_new(struct store *store, struct store_writer **writer, char *why)
{
	int error = 0;

	*writer = memory_new(1, sizeof(**writer));
	(*writer)->store = store;
	for (int i = 0; !error && i < WRITER_STATEMENTS; i++)
		error = store_prepare(store, sql[i], &(*writer)->statement[i], why);
	return error;
}

void store_writer_free(struct store_writer *writer)
{
	for (int i = 0; writer && i < WRITER_STATEMENTS; i++)
		sqlite3_finalize(writer->statement[i]);
	free(writer);
}

int writer_find(struct store_writer *writer, int which, const char *key, sqlite3_int64 *id,
		char *why)
{
	struct row row = writer_begin(writer, which);
	int step;

	row_text(&row, key);
	if (row.failed)
		return why_say(why, -ECANCELED, "%s: no memory", why_path(writer->store->path));
	step = sqlite3_step(row.statement);
	*id = step == SQLITE_ROW ? sqlite3_column_int64(row.statement, 0) : 0;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		store_failed(writer->store, why);
	sqlite3_reset(row.statement);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -ECANCELED;
}
