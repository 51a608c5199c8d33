// SPDX-License-Identifier: GPL-2.0-or-later
#include "joined.h"

#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../output/units.h"

/* Words of exit_proof.evidence, as the guest's run had them, that claim an exit. */
static bool is_claim(const char *evidence)
{
	return evidence && (!strcmp(evidence, "architecture") || !strcmp(evidence, "cost"));
}

static const json_t *joined_of(const struct run_storm *storm)
{
	return json_object_get(storm->json, "joined");
}

bool show_has_joined(const struct run *run)
{
	return json_is_object(run_get(run, "joined"));
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "-";
}

static double number_of(const json_t *json, const char *key)
{
	return json_number_value(json_object_get(json, key));
}

static char *reasons_of(const json_t *joined)
{
	json_t *reasons = json_object_get(joined, "reasons"), *reason;
	char *text = NULL;
	size_t size, i;
	FILE *out = memory_stream(&text, &size);

	json_array_foreach (reasons, i, reason)
		fprintf(out, "%s%s", i ? ", " : "", json_string_value(reason));
	if (!json_array_size(reasons))
		putc('-', out);
	memory_end(out, &text);
	return text;
}

static void add_columns(struct table *table, size_t hosts)
{
	table_column(table, "storm", false);
	table_column(table, "exits", false);
	table_column(table, "per op", true);
	table_column(table, "foreign", true);
	table_column(table, "inside", false);
	table_column(table, "host", true);
	if (hosts > 1) {
		table_column(table, "L0 exits", true);
		table_column(table, "L0", true);
	}
	table_column(table, "rest", true);
}

static void add_row(struct table *table, const struct run_storm *storm, size_t hosts)
{
	const json_t *joined = joined_of(storm), *levels = json_object_get(joined, "levels");
	char *reasons = reasons_of(joined), number[32];

	table_row(table);
	table_cell(table, "%s", storm->name);
	table_cell(table, "%s", reasons);
	table_cell(table, "%.4g", number_of(storm->json, "exits_per_op"));
	table_cell(table, "%.0f", number_of(joined, "foreign"));
	table_cell(table, "%s", text_of(joined, "inside"));
	for (size_t i = 0; i < hosts; i++) {
		const json_t *level = json_array_get(levels, i);

		if (i)
			table_cell(table, "%.4g", number_of(level, "exits_per_op"));
		table_cell(table, "%s",
			   units_ticks(number, sizeof(number), number_of(level, "ticks")));
	}
	table_cell(table, "%s", units_ticks(number, sizeof(number), number_of(joined, "rest")));
	free(reasons);
}

/* Of storms that are to exit: how the guest's own proofs compare with the count. */
static void add_note(struct table *table, const struct run *run)
{
	size_t claims = 0, exits = 0, right = 0;

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		const char *inside = json_string_value(json_object_get(joined_of(storm), "inside"));
		bool real = !strcmp(storm->status, "measured"), claim = is_claim(inside);

		if (!inside || !strcmp(storm->kind, "none"))
			continue;
		claims += claim;
		exits += real;
		right += claim && real;
	}
	table_note(table,
		   "per op: own exits of an operation, by the host's trace; foreign: others "
		   "within all operations. Times are means of an operation, in ticks: host from "
		   "kvm_exit to kvm_entry%s; rest in the guest and in transitions.",
		   json_array_size(run_get(run, "joined.hosts")) > 1
			   ? ", without L0; L0: all exits that it saw within the operation"
			   : "");
	if (claims || exits)
		table_note(table,
			   "inside: what the guest alone could prove. Said to exit, and do: %zu of "
			   "%zu (precision); exit, and are said to: %zu of %zu (recall).",
			   right, claims, right, exits);
}

struct table *show_joined(const struct run *run)
{
	size_t hosts = json_array_size(run_get(run, "joined.hosts"));
	struct table *table = table_new("Exits by the host's trace");

	if (!table)
		return NULL;
	add_columns(table, hosts);
	for (size_t i = 0; i < run->storms; i++)
		if (joined_of(&run->storm[i]))
			add_row(table, &run->storm[i], hosts);
	add_note(table, run);
	return table;
}
