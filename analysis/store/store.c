// SPDX-License-Identifier: GPL-2.0-or-later
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../../results/why.h"

/* "exst" as a number: identifies the file's format, for file(1) and here (SQLite, "PRAGMA"). */
#define APPLICATION_ID 0x65787374
/* Another command that writes holds the lock for the length of a transaction, far less than this.
 */
#define LOCK_TIMEOUT_MS 30000

extern const char store_schema[];

int store_failed(struct store *store, char *why)
{
	static const struct {
		int code, error;
		const char *text;
	} known[] = {
		{SQLITE_BUSY, -EBUSY, "is locked by another process"},
		{SQLITE_LOCKED, -EBUSY, "is locked by another process"},
		{SQLITE_READONLY, -EROFS, "cannot be written"},
		{SQLITE_FULL, -ENOSPC, "no space left on device"},
		{SQLITE_NOTADB, -EBADMSG, "is no store"},
		{SQLITE_CORRUPT, -EBADMSG, "is damaged or cannot be read"},
		{SQLITE_NOMEM, -ENOMEM, "no memory"},
		{SQLITE_CANTOPEN, -EACCES, "no journal can be opened beside it"},
		{SQLITE_ERROR, -EPROTO, NULL}, /* the statement's, not the file's */
	};
	int code = sqlite3_errcode(store->db) & 0xff;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].code == code)
			return why_say(why, known[i].error, "%s: %s", why_path(store->path),
				       known[i].text ? known[i].text : sqlite3_errmsg(store->db));
	return why_say(why, -EIO, "%s: %s", why_path(store->path), sqlite3_errmsg(store->db));
}

int store_do(struct store *store, const char *sql, char *why)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) ? store_failed(store, why) : 0;
}

int store_prepare(struct store *store, const char *sql, sqlite3_stmt **statement, char *why)
{
	return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) ? store_failed(store, why)
								       : 0;
}

int store_run(struct store *store, sqlite3_stmt *statement, char *why)
{
	int error = sqlite3_step(statement) == SQLITE_DONE ? 0 : store_failed(store, why);

	sqlite3_reset(statement);
	return error;
}

static int pragma(struct store *store, const char *sql, sqlite3_int64 *value, char *why)
{
	sqlite3_stmt *statement = NULL;
	int error = store_prepare(store, sql, &statement, why);

	if (!error && sqlite3_step(statement) != SQLITE_ROW)
		error = store_failed(store, why);
	if (!error)
		*value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return error;
}

/* Makes tables, all or none of them. A killed process leaves an empty database, which is fine. */
static int make_tables(struct store *store, char *why)
{
	char *sql = memory_format("BEGIN IMMEDIATE;%sPRAGMA application_id = %d;"
				  "PRAGMA user_version = %d;COMMIT",
				  store_schema, APPLICATION_ID, STORE_VERSION);
	int error = store_do(store, sql, why);

	if (error)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	free(sql);
	return error;
}

static int check(struct store *store, bool create, char *why)
{
	sqlite3_int64 application, version, tables;
	int error = pragma(store, "PRAGMA application_id", &application, why);

	if (!error)
		error = pragma(store, "PRAGMA user_version", &version, why);
	if (!error)
		error = pragma(store, "SELECT count(*) FROM sqlite_schema", &tables, why);
	if (error)
		return error;
	if (create && !tables && !application) {
		error = make_tables(store, why);
		/* -EPROTO: they are there, another process has made them meanwhile. */
		return error && error != -EPROTO ? error : check(store, false, why);
	}
	if (application != APPLICATION_ID)
		return why_say(why, -EBADMSG, "%s: is no store of exitstorm",
			       why_path(store->path));
	if (version != STORE_VERSION)
		return why_say(why, -EPROTONOSUPPORT,
			       "%s: is of version %lld, this exitstorm has version %d: collect the "
			       "runs into a new one",
			       why_path(store->path), (long long)version, STORE_VERSION);
	return 0;
}

/* SQLite would take a device or a FIFO for a database that is empty. */
static int check_file(const char *path, char *why)
{
	struct stat file;

	if (stat(path, &file))
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	if (!S_ISREG(file.st_mode))
		return why_say(why, -EINVAL, "%s: is not a regular file", why_path(path));
	if (access(path, R_OK))
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	return 0;
}

/* An empty file is an empty database. SQLite gives no reason when it cannot create one. */
static int make_file(const char *path, char *why)
{
	int file = open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);

	if (file < 0)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	close(file);
	return 0;
}

static int open_as(const char *path, bool create, struct store *store, char *why)
{
	int flags = create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	bool make = create && access(path, F_OK);
	int error = make ? 0 : check_file(path, why);
	/* SQLite would not open files of these names: ":memory:", "file:...", "". */
	char *file = memory_format("%s%s", *path == '/' ? "" : "./", path);

	if (!error && create)
		error = make_file(path, why);
	*store = (struct store){.path = memory_text(path)};
	if (!error && sqlite3_open_v2(file, &store->db, flags, NULL))
		error = store->db ? store_failed(store, why) : why_say(why, -ENOMEM, "no memory");
	free(file);
	if (!error) {
		sqlite3_busy_timeout(store->db, LOCK_TIMEOUT_MS);
		error = check(store, create, why);
	}
	if (error)
		store_close(store);
	return error;
}

int store_open(const char *path, struct store *store, char *why)
{
	return open_as(path, false, store, why);
}

int store_create(const char *path, struct store *store, char *why)
{
	return open_as(path, true, store, why);
}

void store_close(struct store *store)
{
	sqlite3_close(store->db);
	free(store->path);
	*store = (struct store){0};
}

/* Each path is looked up behind the one before: a million rows have some hundred paths. */
static const char next_path[] =
	"SELECT path FROM environment WHERE path > ?1 ORDER BY path LIMIT 1";

static int list_paths(struct store *store, char ***paths, char *why)
{
	sqlite3_stmt *statement = NULL;
	int error = store_prepare(store, next_path, &statement, why);
	char **list = NULL, *last = memory_text("");
	size_t count = 0, bytes = 0;

	while (!error) {
		const char *path = NULL;
		int step = SQLITE_ERROR;

		if (!sqlite3_bind_text(statement, 1, last, -1, SQLITE_TRANSIENT))
			step = sqlite3_step(statement);
		if (step == SQLITE_ROW)
			path = (const char *)sqlite3_column_text(statement, 0);
		if (!path) {
			error = step == SQLITE_DONE ? 0 : store_failed(store, why);
			break;
		}
		list = memory_resize(list, count + 2, sizeof(*list));
		free(last);
		last = memory_text(path);
		list[count++] = memory_text(last);
		bytes += strlen(last) + 1;
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	free(last);
	*paths = memory_get((count + 1) * sizeof(**paths) + bytes);
	char *text = (char *)(*paths + count + 1);

	for (size_t i = 0; i < count; i++) {
		(*paths)[i] = strcpy(text, list[i]);
		text += strlen(text) + 1;
		free(list[i]);
	}
	(*paths)[count] = NULL;
	free(list);
	return error;
}

int store_has(struct store *store, const char *path, char ***paths, char *why)
{
	sqlite3_stmt *statement = NULL;
	int error = store_prepare(store, "SELECT 1 FROM environment WHERE path = ?1 LIMIT 1",
				  &statement, why);
	int step = SQLITE_DONE;

	if (!error) {
		sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
		step = sqlite3_step(statement);
		if (step != SQLITE_ROW && step != SQLITE_DONE)
			error = store_failed(store, why);
	}
	sqlite3_finalize(statement);
	if (!error && step == SQLITE_DONE)
		error = list_paths(store, paths, why);
	return error ? error : step == SQLITE_ROW;
}
