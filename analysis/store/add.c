// SPDX-License-Identifier: GPL-2.0-or-later
#include "add.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../../results/run.h"
#include "../describe/describe.h"
#include "../stats/figures.h"
#include "flatten.h"

/* Rows of legs and repeats are found by their primary key, which begins with the storm. */
static const char *const remove_sql[] = {
	"DELETE FROM repeat WHERE run = ?1 AND storm IN (SELECT storm FROM storm WHERE run = ?1) "
	"AND leg IN (SELECT value FROM json_each(?2))",
	"DELETE FROM leg WHERE run = ?1 AND storm IN (SELECT storm FROM storm WHERE run = ?1) "
	"AND main IN (0, 1) AND leg IN (SELECT value FROM json_each(?2))",
	"DELETE FROM storm WHERE run = ?1",
	"DELETE FROM environment WHERE run = ?1",
	"DELETE FROM warning WHERE run = ?1",
	"DELETE FROM run WHERE id = ?1",
};

static int remove_run(struct store_writer *writer, sqlite3_int64 id, char *why)
{
	json_t *legs = json_array();
	char *list;
	int error = 0;

	for (int i = 0; i < LEGS; i++)
		json_array_append_new(legs, json_string(leg_name[i]));
	list = json_dumps(legs, 0);
	for (size_t i = 0; !error && i < sizeof(remove_sql) / sizeof(*remove_sql); i++) {
		struct row row = {0};

		error = store_prepare(writer->store, remove_sql[i], &row.statement, why);
		if (!error) {
			row_integer(&row, id);
			if (sqlite3_bind_parameter_count(row.statement) > 1)
				row_text(&row, list);
			error = writer_end(writer, &row, why);
		}
		sqlite3_finalize(row.statement);
	}
	free(list);
	json_decref(legs);
	return error ? -ECANCELED : 0;
}

struct member_work {
	struct store_writer *writer;
	sqlite3_int64 run;
	char *why;
};

static int add_member(void *arg, const char *path, const json_t *json)
{
	struct member_work *work = arg;
	struct row row = writer_begin(work->writer, WRITER_ADD_MEMBER);
	char *list = NULL;
	int error;

	row_text(&row, path);
	row_integer(&row, work->run);
	if (json_is_array(json) || json_is_object(json))
		row_text(&row, list = json_dumps(json, JSON_COMPACT));
	else
		row_value(&row, json);
	error = writer_end(work->writer, &row, work->why);
	free(list);
	return error;
}

static int add_storm(struct store_writer *writer, sqlite3_int64 run, const struct run_storm *storm,
		     char *why)
{
	struct row row = writer_begin(writer, WRITER_ADD_STORM);

	row_text(&row, storm->name);
	row_integer(&row, run);
	row_text(&row, storm->kind);
	row_text(&row, storm->status);
	row_text(&row, storm->why);
	row_value(&row, json_object_get(storm->json, "cpl"));
	row_value(&row, json_object_get(storm->json, "native"));
	row_value(&row, json_object_get(storm->json, "operations"));
	row_integer(&row, storm->exits);
	row_integer(&row, storm->expected);
	row_value(&row, json_object_get(storm->json, "other"));
	row_integer(&row, storm->disturbed);
	row_integer(&row, storm->lost);
	row_real(&row, describe_control(storm));
	return writer_end(writer, &row, why);
}

static int add_leg(struct store_writer *writer, sqlite3_int64 run, const struct run_storm *storm,
		   enum leg which, char *why)
{
	const struct run_leg *leg = &storm->leg[which];
	const struct run_figure *figure = leg->figure;
	struct row row = writer_begin(writer, WRITER_ADD_LEG);

	row_text(&row, storm->name);
	row_integer(&row, which == describe_main_leg(storm));
	row_text(&row, leg_name[which]);
	row_integer(&row, run);
	row_text(&row, leg->site);
	row_text(&row, !figure->repeats ? NULL : figure->clean ? "clean" : "all");
	row_integer(&row, figure->repeats);
	row_real(&row, figures_p50(leg));
	row_real(&row, leg->ci_low);
	row_real(&row, leg->ci_high);
	for (int i = RUN_P99; i < RUN_QUANTILES; i++) {
		bool there = figure[i].repeats;

		row_real(&row, there ? figure[i].ticks : NAN);
		row_real(&row, there ? figure[i].low : NAN);
		row_real(&row, there ? figure[i].high : NAN);
	}
	row_integer(&row, leg->all.count);
	row_real(&row, leg->all.min);
	row_real(&row, leg->all.mean);
	row_real(&row, leg->all.max);
	row_real(&row, leg->all.stddev);
	return writer_end(writer, &row, why);
}

static int add_repeat(struct store_writer *writer, sqlite3_int64 run, const struct run_storm *storm,
		      const json_t *repeat, char *why)
{
	const json_t *all = json_object_get(repeat, "p50"),
		     *clean = json_object_get(repeat, "p50_clean");
	int error = 0;

	for (int i = 0; !error && i < LEGS; i++) {
		const json_t *p50 = json_object_get(all, leg_name[i]);
		struct row row = writer_begin(writer, WRITER_ADD_REPEAT);

		if (!p50)
			continue;
		row_text(&row, storm->name);
		row_text(&row, leg_name[i]);
		row_integer(&row, run);
		row_integer(&row, json_integer_value(json_object_get(repeat, "repeat")));
		row_integer(&row, json_integer_value(json_object_get(repeat, "vcpu")));
		row_value(&row, p50);
		row_value(&row, json_object_get(clean, leg_name[i]));
		error = writer_end(writer, &row, why);
	}
	return error;
}

static int add_storms(struct store_writer *writer, sqlite3_int64 run, const struct run *from,
		      char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < from->storms; i++) {
		const struct run_storm *storm = &from->storm[i];
		const json_t *repeat;
		size_t j;

		error = add_storm(writer, run, storm, why);
		for (int leg = 0; !error && leg < LEGS; leg++)
			if (describe_has(storm, leg))
				error = add_leg(writer, run, storm, leg, why);
		json_array_foreach (json_object_get(storm->json, "repeats"), j, repeat)
			if (!error)
				error = add_repeat(writer, run, storm, repeat, why);
	}
	return error;
}

static int add_warning(struct store_writer *writer, sqlite3_int64 run, const char *words, char *why)
{
	struct row row = writer_begin(writer, WRITER_ADD_WARNING);

	row_integer(&row, run);
	row_text(&row, words);
	return writer_end(writer, &row, why);
}

static int add_warnings(struct store_writer *writer, sqlite3_int64 run, const struct run *from,
			char *why)
{
	const json_t *unread = run_get(from, "host.not_known"), *words;
	char incomplete[RUN_WHY];
	size_t i;
	int error = 0;

	if (*describe_incomplete(from, incomplete, sizeof(incomplete)))
		error = add_warning(writer, run, incomplete, why);
	if (!error && describe_busy(from))
		error = add_warning(writer, run, "other processes used the CPUs that were measured",
				    why);
	json_array_foreach (unread, i, words)
		if (!error && json_is_string(words))
			error = add_warning(writer, run, json_string_value(words), why);
	return error;
}

/* Runs of earlier versions have no UUID: theirs is the digest of run.json, which never changes. */
static const char *uuid_of(const struct run *run, const char *digest, char *made)
{
	const char *uuid = run_string(run, "uuid");

	snprintf(made, 48, "sha256-%.32s", digest);
	return *uuid ? uuid : made;
}

/* The machine's row id, of a new row if there is none; 0: the run has neither machine id nor host
 * name. */
static int machine_of(struct store_writer *writer, const struct run *from, sqlite3_int64 *machine,
		      char *why)
{
	const char *name = run_string(from, "host.machine_id");
	struct row row;
	int error;

	if (!*name)
		name = run_string(from, "host.name");
	*machine = 0;
	error = *name ? writer_find(writer, WRITER_FIND_MACHINE, name, machine, why) : 0;
	if (error || *machine || !*name)
		return error;
	row = writer_begin(writer, WRITER_ADD_MACHINE);
	row_text(&row, name);
	error = writer_end(writer, &row, why);
	*machine = sqlite3_last_insert_rowid(writer->store->db);
	return error;
}

static int add_run(struct store_writer *writer, const struct run *from, const char *digest,
		   sqlite3_int64 *id, char *why)
{
	char made[48], full[PATH_MAX];
	struct row row = writer_begin(writer, WRITER_ADD_RUN);
	double hz = describe_hz(from);
	sqlite3_int64 machine;
	int error = machine_of(writer, from, &machine, why);

	if (error)
		return error;
	if (*id)
		row_integer(&row, *id);
	else
		row_text(&row, NULL);
	row_text(&row, uuid_of(from, digest, made));
	row_text(&row, digest);
	row_text(&row, realpath(from->path, full) ? full : from->path);
	row_text(&row, json_string_value(run_get(from, "started")));
	row_real(&row, describe_number(from, "duration_s"));
	row_text(&row, run_string(from, "target.name"));
	row_text(&row, run_string(from, "target.clock"));
	row_integer(&row, describe_emulated(from));
	row_real(&row, hz > 0 ? hz : NAN);
	/* A clock that counts instructions has no step. */
	row_real(&row, strcmp(run_string(from, "target.clock"), "instructions")
			       ? describe_number(from, "target.clock_granularity")
			       : NAN);
	if (machine)
		row_integer(&row, machine);
	else
		row_text(&row, NULL);
	error = writer_end(writer, &row, why);
	*id = sqlite3_last_insert_rowid(writer->store->db);
	return error;
}

static int add_all(struct store_writer *writer, const struct run *from, const char *digest,
		   sqlite3_int64 id, char *why)
{
	struct member_work work = {.writer = writer, .why = why};
	int error = 0;

	if (id)
		error = remove_run(writer, id, why);
	if (!error)
		error = add_run(writer, from, digest, &id, why);
	work.run = id;
	if (!error)
		error = flatten(from->json, add_member, &work);
	if (!error)
		error = add_storms(writer, id, from, why);
	return error ? error : add_warnings(writer, id, from, why);
}

/* The figures of run.json. Runs of earlier versions lack some, which are computed. */
static int figures(struct run *run, char *why)
{
	return figures_read(run) ? 0 : figures_fill(run, why);
}

/* All of the run or nothing of it, within the transaction that the caller has begun. */
static int add_whole(struct store_writer *writer, const struct run *run, const char *digest,
		     sqlite3_int64 id, char *why)
{
	struct store *store = writer->store;
	int error = store_do(store, "SAVEPOINT run", why);

	if (error)
		return -ECANCELED;
	error = add_all(writer, run, digest, id, why);
	if (!error)
		return store_do(store, "RELEASE run", why) ? -ECANCELED : 0;
	/* Where these fail SQLite has rolled back the transaction, or will at its COMMIT. */
	sqlite3_exec(store->db, "ROLLBACK TO run", NULL, NULL, NULL);
	sqlite3_exec(store->db, "RELEASE run", NULL, NULL, NULL);
	return error;
}

int store_add(struct store_writer *writer, const char *path, enum store_added *added, char *why)
{
	char digest[SHA256_DIGEST_STRING_LENGTH] = "", made[48], *file;
	struct run *run = NULL;
	sqlite3_int64 id;
	int error = run_open(path, &run, why);

	if (error)
		return error;
	file = memory_format("%s/run.json", path);
	if (!SHA256File(file, digest))
		error = why_say(why, -errno, "%s: %s", why_path(file), strerror(errno));
	free(file);
	if (!error)
		error = writer_find(writer, WRITER_FIND, digest, &id, why);
	*added = STORE_THERE;
	if (error || id)
		goto close;
	error = writer_find(writer, WRITER_FIND_UUID, uuid_of(run, digest, made), &id, why);
	*added = id ? STORE_REPLACED : STORE_ADDED;
	if (!error)
		error = figures(run, why);
	if (!error)
		error = add_whole(writer, run, digest, id, why);
close:
	run_close(run);
	return error;
}
