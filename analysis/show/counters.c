// SPDX-License-Identifier: GPL-2.0-or-later
#include "counters.h"

#include <math.h>
#include <string.h>

#include "../../results/compose.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../output/units.h"

#define CELL 32

static const char *const places[] = {"host", "guest", "both"};
#define PLACES (sizeof(places) / sizeof(places[0]))

static json_t *counters_of(const struct run_storm *storm)
{
	return json_object_get(storm->json, "counters");
}

static json_t *field(const json_t *event, const char *place, const char *name)
{
	return json_object_get(json_object_get(event, place), name);
}

static bool is_counted(const json_t *event)
{
	for (size_t i = 0; i < PLACES; i++)
		if (json_is_number(field(event, places[i], "per_op")))
			return true;
	return false;
}

bool show_has_counters(const struct run *run)
{
	const char *name;
	json_t *event;

	for (size_t i = 0; i < run->storms; i++)
		json_object_foreach (counters_of(&run->storm[i]), name, event)
			if (is_counted(event))
				return true;
	return false;
}

/* Counts are shown per operation: small ones need more digits. */
static const char *number(char *text, const json_t *value)
{
	double x = json_number_value(value), size = fabs(x);

	if (!json_is_number(value))
		snprintf(text, CELL, "-");
	else if (size >= 1000)
		units_ticks(text, CELL, x);
	else
		snprintf(text, CELL, "%.*f", size >= 100 || x == 0 ? 0 : size >= 1 ? 2 : 4, x);
	return text;
}

/* The smallest part of the time that an event was on the PMU. */
static double time_on_pmu(const json_t *event)
{
	double min = 1;

	for (size_t i = 0; i < PLACES; i++) {
		const json_t *share = field(event, places[i], "running");

		if (json_is_number(share) && json_number_value(share) < min)
			min = json_number_value(share);
	}
	return min;
}

static double overhead(const json_t *event)
{
	double sum = 0;

	for (size_t i = 0; i < PLACES; i++)
		sum += json_number_value(field(event, places[i], "looking_per_op"));
	return sum;
}

static void add_storm(struct table *table, const struct run *run, const struct run_storm *storm,
		      const bool *used, bool shared)
{
	struct describe_mixed mixed = describe_mixed(run);
	bool named = false;
	char text[CELL];
	const char *name;
	json_t *event;

	json_object_foreach (counters_of(storm), name, event) {
		json_t *cost;

		if (!is_counted(event))
			continue;
		table_row(table);
		table_cell(table, "%s", named ? "" : storm->name);
		if (mixed.cpl || mixed.mode)
			table_cell(table, "%s",
				   named ? "" : describe_guest(run, storm, text, sizeof(text)));
		table_cell(table, "%s", name);
		named = true;
		for (size_t i = 0; i < PLACES; i++)
			if (used[i])
				table_cell(table, "%s",
					   number(text, field(event, places[i], "per_op")));
		cost = json_real(overhead(event));
		table_cell(table, "%s", number(text, cost));
		json_decref(cost);
		if (shared)
			table_cell(table, "%.0f %%", 100 * time_on_pmu(event));
	}
}

struct table *show_counters(const struct run *run)
{
	struct table *table = table_new("Events, mean per operation");
	struct describe_mixed mixed = describe_mixed(run);
	bool used[PLACES] = {false}, shared = false;
	const char *name;
	json_t *event;

	if (!table)
		return NULL;
	for (size_t i = 0; i < run->storms; i++)
		json_object_foreach (counters_of(&run->storm[i]), name, event) {
			for (size_t place = 0; place < PLACES; place++)
				used[place] |=
					json_is_number(field(event, places[place], "per_op"));
			shared |= time_on_pmu(event) < 0.9995;
		}
	table_column(table, "storm", false);
	if (mixed.cpl || mixed.mode)
		table_column(table, "guest", false);
	table_column(table, "event", false);
	for (size_t place = 0; place < PLACES; place++)
		if (used[place])
			table_column(table, places[place], true);
	table_column(table, "overhead", true);
	if (shared)
		table_column(table, "on PMU", true);
	for (size_t i = 0; i < run->storms; i++)
		add_storm(table, run, &run->storm[i], used, shared);
	table_note(
		table,
		"host, guest: events outside and inside the guest%s; overhead: events that "
		"counting itself causes, not subtracted%s.",
		used[2] ? "; both: not separable" : "",
		shared ? "; on PMU: share of the time that was counted, by which counts are scaled"
		       : "");
	return table;
}

void show_uncounted(const struct run *run, FILE *out)
{
	json_t *said = json_object();
	const char *name, *why, *names;
	json_t *event, *before;

	for (size_t i = 0; i < run->storms; i++)
		json_object_foreach (counters_of(&run->storm[i]), name, event) {
			if (is_counted(event))
				continue;
			for (size_t place = 0; place < PLACES; place++) {
				why = json_string_value(field(event, places[place], "why"));
				if (!why)
					continue;
				before = json_object_get(said, why);
				names = json_string_value(before);
				if (!before)
					compose_set(said, why, compose_text(name));
				else if (!strstr(names, name))
					compose_set(said, why,
						    compose_format("%s, %s", names, name));
				break;
			}
		}
	json_object_foreach (said, why, before) {
		char line[512];

		snprintf(line, sizeof(line), "Not counted: %s: %s.", json_string_value(before),
			 why);
		fprintf(out, "%s\n", table_clean(line));
	}
	json_decref(said);
}
