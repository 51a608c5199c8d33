/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statements that put a run into a store. -ECANCELED: the store cannot be written. */
#ifndef ANALYSIS_STORE_WRITER_H
#define ANALYSIS_STORE_WRITER_H

#include "row.h"
#include "store.h"

enum writer_statement {
	WRITER_FIND,
	WRITER_FIND_UUID,
	WRITER_FIND_MACHINE,
	WRITER_ADD_MACHINE,
	WRITER_ADD_RUN,
	WRITER_ADD_MEMBER,
	WRITER_ADD_STORM,
	WRITER_ADD_LEG,
	WRITER_ADD_REPEAT,
	WRITER_ADD_WARNING,
	WRITER_STATEMENTS
};

struct store_writer {
	struct store *store;
	sqlite3_stmt *statement[WRITER_STATEMENTS];
};

int store_writer_new(struct store *store, struct store_writer **writer, char *why);
void store_writer_free(struct store_writer *writer); /* NULL is fine */

/* A statement, of which the caller binds the parameters. */
struct row writer_begin(struct store_writer *writer, int which);
int writer_end(struct store_writer *writer, struct row *row, char *why);
/* The id of the row with this text; 0: none. */
int writer_find(struct store_writer *writer, int which, const char *key, sqlite3_int64 *id,
		char *why);

#endif
