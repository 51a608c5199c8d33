/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: the figures of many runs in one SQLite database (schema.sql), by run, environment,
 * storm, leg and repeat. Histograms and samples stay in the runs. Functions return 0 or -errno and
 * put one line into `why` (RUN_WHY bytes).
 */
#ifndef ANALYSIS_STORE_STORE_H
#define ANALYSIS_STORE_STORE_H

#include <sqlite3.h>

#define STORE_VERSION 2

struct store {
	sqlite3 *db;
	char *path;
};

/*
 * Opens a store for reading. -ENOENT: there is none; -EBADMSG: the file is no store, or a damaged
 * one; -EPROTONOSUPPORT: of another version.
 */
int store_open(const char *path, struct store *store, char *why);
/* The same for reading and writing; a file that is not there, or is empty, becomes a store. */
int store_create(const char *path, struct store *store, char *why);
void store_close(struct store *store); /* also of zeros */

/* Compiles a statement, which the caller finalizes. */
int store_prepare(struct store *store, const char *sql, sqlite3_stmt **statement, char *why);
/* Runs a statement that has no rows, and resets it. */
int store_run(struct store *store, sqlite3_stmt *statement, char *why);
/* The same for SQL without parameters. */
int store_do(struct store *store, const char *sql, char *why);
/*
 * Does any run have a member of this path ("host.cpu.codename")? 1, 0, or -errno. If none has,
 * *paths is all paths that there are, NULL at the end, in one allocation.
 */
int store_has(struct store *store, const char *path, char ***paths, char *why);
/* -errno of SQLite's last error, with its message in `why`. */
int store_failed(struct store *store, char *why);

#endif
