// SPDX-License-Identifier: GPL-2.0-or-later
/* run.json: conversion from JSON to the structs of run.h, with checks, and back. */
#include "compose.h"
#include "fields.h"
#include "memory.h"
#include "interrupted.h"
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 64

static const struct {
	const char *name;
	size_t offset;
} stat_field[] = {
#define FIELD(name)                                     \
	{                                               \
#name, offsetof(struct leg_stats, name) \
	}
	FIELD(min), FIELD(p50),	 FIELD(p90),	FIELD(p99), FIELD(p999),
	FIELD(max), FIELD(mean), FIELD(stddev), FIELD(mad),
#undef FIELD
};
#define STAT_FIELDS (sizeof(stat_field) / sizeof(stat_field[0]))

static const char *const statuses[] = {"measured", "no_exit", "skipped", "failed"};

bool run_name_ok(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= MAX_NAME && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
		       length;
}

static int parse_stats(const json_t *leg, const char *key, const char *where,
		       struct leg_stats *stats, char *why)
{
	const json_t *object = json_object_get(leg, key);
	char here[3 * MAX_NAME];
	int error;

	if (!json_is_object(object))
		return field_wrong(why, where, key, "is missing or is not an object");
	snprintf(here, sizeof(here), "%s.%s", where, key);
	error = field_count(object, "count", here, true, &stats->count, why);
	for (size_t i = 0; !error && i < STAT_FIELDS; i++)
		error = field_ticks(json_object_get(object, stat_field[i].name), here,
				    stat_field[i].name,
				    (double *)((char *)stats + stat_field[i].offset), why);
	return error;
}

static int parse_interval(const json_t *object, const char *where, struct run_leg *leg, char *why)
{
	const json_t *pair = json_object_get(object, "p50_ci95");
	int error;

	leg->ci_low = leg->ci_high = NAN;
	if (!pair || json_is_null(pair))
		return 0;
	if (json_array_size(pair) != 2)
		return field_wrong(why, where, "p50_ci95", "is neither null nor two numbers");
	error = field_ticks(json_array_get(pair, 0), where, "p50_ci95", &leg->ci_low, why);
	if (!error)
		error = field_ticks(json_array_get(pair, 1), where, "p50_ci95", &leg->ci_high, why);
	if (!error && leg->ci_low > leg->ci_high)
		error = field_wrong(why, where, "p50_ci95", "has its ends the wrong way round");
	return error;
}

static int parse_leg(const json_t *object, const char *where, struct run_leg *leg, char *why)
{
	int error;

	if (!json_is_object(object))
		return field_wrong(why, where, "", "is not an object");
	error = field_string(object, "site", where, &leg->site, why);
	if (!error)
		error = parse_stats(object, "all", where, &leg->all, why);
	if (!error)
		error = parse_stats(object, "clean", where, &leg->clean, why);
	if (!error)
		error = parse_interval(object, where, leg, why);
	return error;
}

static int parse_legs(const json_t *object, struct run_storm *storm, char *why)
{
	const json_t *legs = json_object_get(object, "legs");
	bool measured = strcmp(storm->status, "measured") == 0;
	char where[2 * MAX_NAME];
	int error = 0;

	snprintf(where, sizeof(where), "storm %s", storm->name);
	if (!legs && !measured)
		return 0;
	if (!json_is_object(legs))
		return field_wrong(why, where, "legs", "is missing or is not an object");
	if (!measured && json_object_size(legs))
		return field_wrong(why, where, "legs", "has figures although nothing was measured");
	for (size_t i = 0; !error && i < LEGS; i++) {
		const json_t *leg = json_object_get(legs, leg_name[i]);

		snprintf(where, sizeof(where), "storm %s.legs.%s", storm->name, leg_name[i]);
		if (leg && !json_is_null(leg))
			error = parse_leg(leg, where, &storm->leg[i], why);
	}
	return error;
}

/* Is it a relative path that stays within the folder? */
static bool inside(const char *path)
{
	if (!*path || *path == '/')
		return false;
	while (*path) {
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += length;
		if (*path && !*++path)
			return false;
	}
	return true;
}

static int check_status(const struct run_storm *storm, const char *where, char *why)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(storm->status, statuses[i]) == 0)
			return 0;
	return field_wrong(why, where, "status", "is none of measured, no_exit, skipped, failed");
}

static int parse_storm(json_t *object, size_t index, struct run_storm *storm, char *why)
{
	const struct {
		const char *key;
		u64 *count;
	} counts[] = {
		{"exits", &storm->exits},
		{"expected", &storm->expected},
		{"disturbed", &storm->disturbed},
		{"lost", &storm->lost},
	};
	char where[2 * MAX_NAME];
	bool measured;
	int error;

	storm->json = object; /* lives as long as run->json */
	snprintf(where, sizeof(where), "storms[%zu]", index);
	if (!json_is_object(object))
		return field_wrong(why, where, "", "is not an object");
	error = field_string(object, "name", where, &storm->name, why);
	if (error)
		return error;
	if (!run_name_ok(storm->name))
		return field_wrong(why, where, "name", "cannot be the name of a storm");
	snprintf(where, sizeof(where), "storm %s", storm->name);
	error = field_string(object, "kind", where, &storm->kind, why);
	if (!error)
		error = field_string(object, "status", where, &storm->status, why);
	if (!error)
		error = check_status(storm, where, why);
	if (!error)
		error = field_string_or_null(object, "why", where, &storm->why, why);
	if (!error)
		error = field_string_or_null(object, "samples", where, &storm->samples, why);
	if (!error && storm->samples && !inside(storm->samples))
		error = field_wrong(why, where, "samples", "leads out of the run's folder");
	measured = !error && strcmp(storm->status, "measured") == 0;
	for (size_t i = 0; !error && i < sizeof(counts) / sizeof(counts[0]); i++)
		error = field_count(object, counts[i].key, where, measured, counts[i].count, why);
	return error ? error : parse_legs(object, storm, why);
}

static int parse_storms(struct run *run, char *why)
{
	const json_t *array = json_object_get(run->json, "storms");
	int error = 0;

	if (!json_is_array(array))
		return field_wrong(why, "", "storms", "is missing or is not an array");
	run->storm = memory_new(json_array_size(array), sizeof(*run->storm));
	run->by_name = json_object();
	while (!error && run->storms < json_array_size(array)) {
		struct run_storm *storm = &run->storm[run->storms];

		error = parse_storm(json_array_get(array, run->storms), run->storms, storm, why);
		run->storms++; /* counted even if it is parsed in part only, so that run_close frees
				  it */
		if (!error && json_object_get(run->by_name, storm->name))
			error = field_wrong(why, "storm", storm->name, "is there twice");
		if (!error)
			compose_set(run->by_name, storm->name, json_integer(run->storms - 1));
	}
	return error;
}

static int parse_schema(const json_t *json, char *why)
{
	const char *schema = json_string_value(json_object_get(json, "schema"));

	if (!json_is_object(json))
		return why_say(why, -EBADMSG, "run.json: is not an object");
	if (!schema || strncmp(schema, "exitstorm-run/", 14) != 0)
		return why_say(why, -EBADMSG, "run.json: does not say that it is an exitstorm run");
	if (strcmp(schema, RUN_SCHEMA) != 0)
		return why_say(why, -EPROTONOSUPPORT,
			       "run.json: is of format %.40s, this exitstorm reads " RUN_SCHEMA,
			       schema);
	return 0;
}

/* Figures are labelled with their clock, so a run must name it. */
static int parse_target(const json_t *json, char *why)
{
	const json_t *target = json_object_get(json, "target");

	if (!json_is_object(target))
		return field_wrong(why, "", "target", "is missing or is not an object");
	if (!json_is_string(json_object_get(target, "name")))
		return field_wrong(why, "target", "name", "is missing or is not a string");
	if (!json_is_string(json_object_get(target, "clock")))
		return field_wrong(why, "target", "clock", "is missing or is not a string");
	if (!json_is_boolean(json_object_get(target, "emulated")))
		return field_wrong(why, "target", "emulated",
				   "is missing or is neither true nor false");
	return 0;
}

/* Values of settings that earlier versions wrote under another name: read as today's. */
static void rename_settings(json_t *json)
{
	static const struct {
		const char *setting, *before, *now;
	} renamed[] = {{"path", "lean", "fast"}, {"check", "msr_store", "host_load"}};
	json_t *settings = json_object_get(json, "settings");

	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
		const json_t *value = json_object_get(settings, renamed[i].setting);

		if (json_is_string(value) && !strcmp(json_string_value(value), renamed[i].before))
			compose_set(settings, renamed[i].setting, compose_text(renamed[i].now));
	}
}

/* Members of `object` that hold a leg, under the leg's name of today. */
static void rename_leg(json_t *object)
{
	static const char before[] = "msr_store";
	json_t *leg = json_object_get(object, before);

	if (!leg)
		return;
	compose_set(object, leg_name[LEG_HOST_LOAD], json_incref(leg));
	json_object_del(object, before);
}

static void rename_legs(json_t *json)
{
	json_t *storm, *repeat;
	size_t i, j;

	json_array_foreach (json_object_get(json, "storms"), i, storm) {
		rename_leg(json_object_get(storm, "legs"));
		json_array_foreach (json_object_get(storm, "repeats"), j, repeat) {
			rename_leg(json_object_get(repeat, "p50"));
			rename_leg(json_object_get(repeat, "p50_clean"));
		}
	}
}

int run_parse(json_t *json, struct run **run, char *why)
{
	struct run *made = memory_new(1, sizeof(*made));
	int error;

	made->path = memory_text("");
	made->json = json;
	error = parse_schema(json, why);
	if (!error)
		error = parse_target(json, why);
	if (!error)
		error = interrupted_check(json, why);
	if (!error) {
		rename_settings(json);
		rename_legs(json);
		error = parse_storms(made, why);
	}
	if (error)
		run_close(made);
	else
		*run = made;
	return error;
}

int run_parse_text(const char *text, size_t size, struct run **run, char *why)
{
	json_error_t at;
	json_t *json;
	int error = field_check_text(text, size, why);

	if (error)
		return error;
	json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
	if (!json)
		return why_say(why, -EBADMSG, "run.json: line %d, column %d: %s", at.line,
			       at.column, at.text);
	return run_parse(json, run, why);
}

json_t *run_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *stats_json(const struct leg_stats *stats)
{
	json_t *object = json_object();

	compose_set(object, "count", json_integer((json_int_t)stats->count));
	for (size_t i = 0; i < STAT_FIELDS; i++)
		compose_set(
			object, stat_field[i].name,
			run_number(*(const double *)((const char *)stats + stat_field[i].offset)));
	return object;
}

static json_t *interval_json(double low, double high)
{
	return isfinite(low) && isfinite(high) ? compose_pack("[f, f]", low, high) : json_null();
}

static json_t *figure_json(const struct run_figure *figure)
{
	if (!figure->repeats)
		return json_null();
	return compose_pack("{s:o, s:o, s:i, s:s}", "ticks", run_number(figure->ticks), "ci95",
			    interval_json(figure->low, figure->high), "repeats",
			    (int)figure->repeats, "records", figure->clean ? "clean" : "all");
}

json_t *run_leg_json(const struct run_leg *leg)
{
	if (!leg->site)
		return json_null();
	return compose_pack("{s:s, s:o, s:o, s:o, s:{s:o, s:o, s:o}}", "site", leg->site, "all",
			    stats_json(&leg->all), "clean", stats_json(&leg->clean), "p50_ci95",
			    interval_json(leg->ci_low, leg->ci_high), "centre", "p50",
			    figure_json(&leg->figure[RUN_P50]), "p99",
			    figure_json(&leg->figure[RUN_P99]), "p999",
			    figure_json(&leg->figure[RUN_P999]));
}
