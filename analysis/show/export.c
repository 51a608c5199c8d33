// SPDX-License-Identifier: GPL-2.0-or-later
#include "export.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../describe/proof.h"
#include "../output/table.h"

#define SHOW_SCHEMA "exitstorm-show/1"

static const struct {
	const char *name;
	size_t offset;
} stats_field[] = {
	{"min", offsetof(struct leg_stats, min)},   {"p50", offsetof(struct leg_stats, p50)},
	{"p90", offsetof(struct leg_stats, p90)},   {"p99", offsetof(struct leg_stats, p99)},
	{"p999", offsetof(struct leg_stats, p999)}, {"max", offsetof(struct leg_stats, max)},
	{"mean", offsetof(struct leg_stats, mean)}, {"stddev", offsetof(struct leg_stats, stddev)},
	{"mad", offsetof(struct leg_stats, mad)},
};
#define STATS_FIELDS (sizeof(stats_field) / sizeof(*stats_field))

static const char *const csv_head[] = {"target", "clock",    "storm",	  "kind", "status",
				       "exits",	 "expected", "disturbed", "lost", "control",
				       "leg",	 "site",     "records",	  "count"};

/* The last columns: what ran where, as measured. */
static const char *const csv_guest[] = {"cpl", "mode", "kvm_kind", "nesting", "exit_proof"};

static void number_cell(struct table *table, double value)
{
	if (isfinite(value))
		table_cell(table, "%.10g", value);
	else
		table_cell(table, "%s", "");
}

static void storm_cells(struct table *table, const struct run *run, const struct run_storm *storm)
{
	const u64 counts[] = {storm->exits, storm->expected, storm->disturbed, storm->lost};
	bool measured = !strcmp(storm->status, "measured");

	table_row(table);
	table_cell(table, "%s", run_string(run, "target.name"));
	table_cell(table, "%s", run_string(run, "target.clock"));
	table_cell(table, "%s", storm->name);
	table_cell(table, "%s", storm->kind);
	table_cell(table, "%s", storm->status);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		if (measured)
			table_cell(table, "%llu", (unsigned long long)counts[i]);
		else
			table_cell(table, "%s", "");
	}
	number_cell(table, measured ? describe_control(storm) : NAN);
}

static void leg_cells(struct table *table, enum leg which, const struct run_leg *leg, bool clean)
{
	const struct leg_stats *stats = clean ? &leg->clean : &leg->all;

	table_cell(table, "%s", leg_name[which]);
	table_cell(table, "%s", leg->site);
	table_cell(table, "%s", clean ? "clean" : "all");
	table_cell(table, "%llu", (unsigned long long)stats->count);
	for (size_t i = 0; i < STATS_FIELDS; i++)
		number_cell(table, *(const double *)((const char *)stats + stats_field[i].offset));
	number_cell(table, clean ? NAN : leg->ci_low);
	number_cell(table, clean ? NAN : leg->ci_high);
}

static void guest_cells(struct table *table, const struct run *run, const struct run_storm *storm)
{
	number_cell(table, describe_cpl(run, storm));
	table_cell(table, "%s", describe_mode(run, storm));
	table_cell(table, "%s", run_string(run, "target.kvm_kind"));
	table_cell(table, "%s", run_string(run, "target.nesting"));
	table_cell(table, "%s", describe_proof(storm));
}

int show_csv(const struct run *run, FILE *out)
{
	struct table *table = table_new(NULL);
	int error;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(csv_head) / sizeof(*csv_head); i++)
		table_column(table, csv_head[i], false);
	for (size_t i = 0; i < STATS_FIELDS; i++)
		table_column(table, stats_field[i].name, true);
	table_column(table, "p50_ci95_low", true);
	table_column(table, "p50_ci95_high", true);
	table_column(table, "why", false);
	for (size_t i = 0; i < sizeof(csv_guest) / sizeof(*csv_guest); i++)
		table_column(table, csv_guest[i], false);
	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		bool any = false;

		for (unsigned int leg = 0; leg < LEGS; leg++) {
			if (!describe_has(storm, leg))
				continue;
			for (int clean = 0; clean < 2; clean++) {
				storm_cells(table, run, storm);
				leg_cells(table, leg, &storm->leg[leg], clean);
				table_cell(table, "%s", "");
				guest_cells(table, run, storm);
			}
			any = true;
		}
		if (any)
			continue;
		storm_cells(table, run, storm);
		for (size_t j = 0; j < 4 + STATS_FIELDS + 2; j++)
			table_cell(table, "%s", "");
		table_cell(table, "%s", storm->why ? storm->why : "");
		guest_cells(table, run, storm);
	}
	error = table_print(table, out, TABLE_CSV, 0);
	table_free(table);
	return error;
}

static json_t *copy(const struct run *run, const char *path)
{
	return compose_copy(run_get(run, path));
}

static json_t *storm_json(const struct run_storm *storm)
{
	static const char *const kept[] = {
		"name",	     "kind",	       "raw_reason", "exits_per_op",
		"cpl",	     "native",	       "status",     "why",
		"exits",     "expected",       "disturbed",  "lost",
		"control",   "stamp_overhead", "controls",   "core_cycles_per_tick",
		"exit_proof"};
	enum leg main = describe_main_leg(storm);
	json_t *object = json_object(), *legs = json_object();

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		json_t *value = json_object_get(storm->json, kept[i]);

		if (value)
			compose_set(object, kept[i], json_incref((json_t *)value));
	}
	compose_set(object, "main_leg", main == LEGS ? json_null() : compose_text(leg_name[main]));
	for (unsigned int leg = 0; leg < LEGS; leg++)
		if (describe_has(storm, leg))
			compose_set(legs, leg_name[leg], run_leg_json(&storm->leg[leg]));
	compose_set(object, "legs", legs);
	return object;
}

int show_json(const struct run *run, FILE *out)
{
	static const char *const kept[] = {"tool", "started",  "duration_s", "target",
					   "host", "settings", "controls",   "plan"};
	/* Only in runs that lack something, or were continued. */
	static const char *const parts[] = {"incomplete", "interrupted", "resumed"};
	json_t *document = json_object(), *storms = json_array();
	char *text;

	compose_set(document, "schema", compose_text(SHOW_SCHEMA));
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		compose_set(document, kept[i], copy(run, kept[i]));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (run_get(run, parts[i]))
			compose_set(document, parts[i], copy(run, parts[i]));
	for (size_t i = 0; i < run->storms; i++)
		compose_add(storms, storm_json(&run->storm[i]));
	compose_set(document, "storms", storms);
	text = compose_print(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	json_decref(document);
	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}
