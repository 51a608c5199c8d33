// SPDX-License-Identifier: GPL-2.0-or-later
#include "query.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../../results/why.h"
#include "../stats/inference.h"

const char *const query_unit_name[] = {[QUERY_NS] = "ns", [QUERY_TICKS] = "ticks"};

/* Columns after those of `by`. */
enum {
	STORM,
	LEG,
	SITE,
	CLOCK,
	TIMED,
	HZ,
	P50,
	P50_LOW,
	P50_HIGH,
	P99,
	P99_LOW,
	P99_HIGH,
	STEP,
	MACHINE
};

/* SQL, and the texts that its parameters stand for, in their order. */
struct sql {
	char *text;
	size_t size;
	FILE *out;
	char **parameter;
	size_t parameters;
};

static void parameter(struct sql *sql, const char *text, size_t length)
{
	char *copy = memory_new(length + 1, 1);

	memcpy(copy, text, length);
	sql->parameter = memory_resize(sql->parameter, sql->parameters + 1, sizeof(char *));
	sql->parameter[sql->parameters++] = copy;
	fprintf(sql->out, "?%zu", sql->parameters);
}

/* A word without wildcards is compared for equality, which finds it by the index. */
static void put_words(struct sql *sql, const char *column, const char *words)
{
	const char *between = "(";

	while (true) {
		size_t length = strcspn(words, ",");
		bool pattern = strcspn(words, "*?[") < length;

		fprintf(sql->out, "%s%s %s ", between, column, pattern ? "GLOB" : "=");
		parameter(sql, words, length);
		between = " OR ";
		if (!words[length])
			break;
		words += length + 1;
	}
	fprintf(sql->out, ")");
}

static void put_select(struct sql *sql, const struct query *query)
{
	fprintf(sql->out, "SELECT ");
	for (size_t i = 0; i < query->keys; i++)
		fprintf(sql->out, "CAST(b%zu.value AS TEXT), ", i);
	fprintf(sql->out,
		"leg.storm, leg.leg, leg.site, run.clock, run.tick_hz > 0 AS timed, run.tick_hz, "
		"leg.p50, leg.p50_low, leg.p50_high, leg.p99, leg.p99_low, leg.p99_high, "
		"run.clock_step, run.machine "
		"FROM leg CROSS JOIN run ON run.id = leg.run");
	for (size_t i = 0; i < query->keys; i++) {
		fprintf(sql->out,
			" LEFT JOIN environment AS b%zu ON b%zu.run = leg.run AND b%zu.path = ", i,
			i, i);
		parameter(sql, query->by[i], strlen(query->by[i]));
	}
}

static void put_where(struct sql *sql, const struct query *query)
{
	const char *leg = query->leg == LEGS ? "" : leg_name[query->leg];

	if (*leg) {
		fprintf(sql->out, " WHERE leg.main IN (0, 1) AND leg.leg = ");
		parameter(sql, leg, strlen(leg));
	} else {
		fprintf(sql->out, " WHERE leg.main = 1");
	}
	if (query->storms) {
		fprintf(sql->out, " AND ");
		put_words(sql, "leg.storm", query->storms);
	}
	for (size_t i = 0; i < query->conditions; i++) {
		fprintf(sql->out,
			" AND EXISTS (SELECT 1 FROM environment AS w WHERE w.run = leg.run "
			"AND w.path = ");
		parameter(sql, query->where[i].key, strlen(query->where[i].key));
		fprintf(sql->out, " AND ");
		put_words(sql, "CAST(w.value AS TEXT)", query->where[i].value);
		fprintf(sql->out, ")");
	}
	fprintf(sql->out, " ORDER BY ");
	for (size_t i = 0; i < query->keys; i++)
		fprintf(sql->out, "%zu, ", i + 1);
	fprintf(sql->out, "leg.storm, leg.leg, leg.site, run.clock, timed, run.machine");
}

static int prepare(struct store *store, const struct query *query, sqlite3_stmt **statement,
		   char *why)
{
	struct sql sql = {0};
	int error;

	sql.out = memory_stream(&sql.text, &sql.size);
	put_select(&sql, query);
	put_where(&sql, query);
	memory_end(sql.out, &sql.text);
	error = store_prepare(store, sql.text, statement, why);
	for (size_t i = 0; i < sql.parameters; i++) {
		if (!error &&
		    sqlite3_bind_text(*statement, i + 1, sql.parameter[i], -1, SQLITE_TRANSIENT))
			error = store_failed(store, why);
		free(sql.parameter[i]);
	}
	free(sql.parameter);
	free(sql.text);
	return error;
}

/* The figures of the runs of the group that is being read. */
struct values {
	double *log;
	u64 *machine;
	size_t count, room, machines;
	double low, high; /* of the last run */
	double blur;	  /* the sum of all runs' */
};

/*
 * `step`: of the clock, in the unit of the value; NAN: not known. Half of it is the most that it
 * may shift a run's figure; its distribution, by which it is less, is not in the store.
 */
static void add_value(struct values *values, u64 machine, double value, double low, double high,
		      double step)
{
	if (!(value > 0))
		return;
	if (values->count == values->room) {
		values->room = values->room ? 2 * values->room : 64;
		values->log = memory_resize(values->log, values->room, sizeof(double));
		values->machine = memory_resize(values->machine, values->room, sizeof(u64));
	}
	values->machines += !values->count || values->machine[values->count - 1] != machine;
	values->machine[values->count] = machine;
	values->log[values->count++] = log(value);
	if (step > 0)
		values->blur += step / 2 / value;
	values->low = low;
	values->high = high;
}

/* Values of machines take the place of those of their runs, which lie together. */
static size_t average_machines(struct values *values)
{
	size_t units = 0;

	for (size_t i = 0, end; i < values->count; i = end, units++) {
		double sum = 0;

		for (end = i; end < values->count && values->machine[end] == values->machine[i];
		     end++)
			sum += values->log[end];
		values->log[units] = sum / (end - i);
		values->machine[units] = values->machine[i];
	}
	return units;
}

/* One run has the interval across its repeats, several have that across units. */
static struct query_figure figure(struct values *values)
{
	size_t units = values->machines > 1 ? average_machines(values) : values->count;
	struct sample sample = {.log = values->log,
				.n = units,
				.blur = values->count ? values->blur / values->count : 0};
	struct query_figure figure = {.runs = values->count,
				      .machines = values->machines,
				      .units = units,
				      .log = values->log,
				      .machine = values->machine,
				      .blur = sample.blur,
				      .value = NAN,
				      .low = NAN,
				      .high = NAN};

	if (!values->count)
		return figure;
	figure.value = exp(sample_centre(&sample));
	if (values->count == 1) {
		figure.low = values->low;
		figure.high = values->high;
	} else {
		sample_interval(&sample, &figure.low, &figure.high);
		figure.low = exp(figure.low);
		figure.high = exp(figure.high);
	}
	return figure;
}

struct work {
	struct store *store;
	const struct query *query;
	sqlite3_stmt *statement;
	struct query_group group;
	struct values p50, p99;
	int (*found)(void *arg, const struct query_group *group);
	void *arg;
	char *why;
};

/* Values that are cut would become one group if they begin alike. */
static int put(const struct work *work, char *text, int column)
{
	bool null = sqlite3_column_type(work->statement, column) == SQLITE_NULL;
	const char *value = (const char *)sqlite3_column_text(work->statement, column);
	int bytes = sqlite3_column_bytes(work->statement, column);

	if (!value && !null)
		return store_failed(work->store, work->why);
	if (bytes >= QUERY_TEXT)
		return why_say(work->why, -E2BIG,
			       "%s: a run's %s has %d bytes; groups are made by values of less "
			       "than %d",
			       why_path(work->store->path),
			       column < (int)work->query->keys ? work->query->by[column] : "storm",
			       bytes, QUERY_TEXT);
	snprintf(text, QUERY_TEXT, "%s", value ? value : "");
	return 0;
}

static double real(const struct work *work, int column)
{
	int at = work->query->keys + column;

	return sqlite3_column_type(work->statement, at) == SQLITE_NULL
		       ? NAN
		       : sqlite3_column_double(work->statement, at);
}

static int read_group(const struct work *work, struct query_group *group)
{
	char *const text[] = {group->storm, group->leg, group->site, group->clock};
	int keys = work->query->keys, error = 0;

	*group = (struct query_group){0};
	for (int i = 0; !error && i < keys; i++)
		error = put(work, group->by[i], i);
	for (int i = STORM; !error && i <= CLOCK; i++)
		error = put(work, text[i - STORM], keys + i);
	group->unit = real(work, TIMED) == 1 ? QUERY_NS : QUERY_TICKS;
	return error;
}

static void clear(struct values *values)
{
	values->count = values->machines = 0;
	values->blur = 0;
}

static int end_group(struct work *work)
{
	int error = 0;

	work->group.p50 = figure(&work->p50);
	work->group.p99 = figure(&work->p99);
	if (work->p50.count)
		error = work->found(work->arg, &work->group);
	clear(&work->p50);
	clear(&work->p99);
	return error;
}

static bool same_group(const struct query_group *one, const struct query_group *other)
{
	return one->unit == other->unit && !memcmp(one, other, offsetof(struct query_group, unit));
}

static int add_row(struct work *work)
{
	struct query_group group;
	double factor, step;
	u64 machine = sqlite3_column_int64(work->statement, work->query->keys + MACHINE);
	int error = read_group(work, &group);

	if (error)
		return error;
	if (!same_group(&group, &work->group)) {
		error = end_group(work);
		work->group = group;
	}
	factor = group.unit == QUERY_NS ? 1e9 / real(work, HZ) : 1;
	step = real(work, STEP) * factor;
	add_value(&work->p50, machine, real(work, P50) * factor, real(work, P50_LOW) * factor,
		  real(work, P50_HIGH) * factor, step);
	add_value(&work->p99, machine, real(work, P99) * factor, real(work, P99_LOW) * factor,
		  real(work, P99_HIGH) * factor, step);
	return error;
}

int query_run(struct store *store, const struct query *query,
	      int (*found)(void *arg, const struct query_group *group), void *arg, char *why)
{
	struct work work = {.store = store, .query = query, .found = found, .arg = arg, .why = why};
	int error = prepare(store, query, &work.statement, why), step = SQLITE_DONE;

	while (!error && (step = sqlite3_step(work.statement)) == SQLITE_ROW)
		error = add_row(&work);
	if (!error && step != SQLITE_DONE)
		error = store_failed(store, why);
	if (!error)
		error = end_group(&work);
	sqlite3_finalize(work.statement);
	free(work.p50.log);
	free(work.p50.machine);
	free(work.p99.log);
	free(work.p99.machine);
	return error;
}
