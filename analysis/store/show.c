// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../output/units.h"
#include "../stats/figures.h"

#define QUERY_SCHEMA "exitstorm-query/1"
#define CELL	     40

struct groups {
	const struct query *query;
	struct query_group *group;
	size_t count;
};

static int add_group(void *arg, const struct query_group *group)
{
	struct groups *groups = arg;

	/* Room for the next power of two. */
	if (!(groups->count & (groups->count - 1)))
		groups->group =
			memory_resize(groups->group, 2 * groups->count + 1, sizeof(*groups->group));
	groups->group[groups->count++] = *group;
	return 0;
}

/* Columns that stand in the table only where they tell two rows apart. */
static const struct {
	const char *head;
	size_t at;
} common[] = {
	{"leg", offsetof(struct query_group, leg)},
	{"clock", offsetof(struct query_group, clock)},
	{"site", offsetof(struct query_group, site)},
};
#define COMMON (sizeof(common) / sizeof(*common))

static const char *common_text(const struct query_group *group, size_t column)
{
	return (const char *)group + common[column].at;
}

/* One value in all rows: a line below the table has it. */
static bool is_common(const struct groups *groups, size_t column)
{
	for (size_t i = 1; i < groups->count; i++)
		if (strcmp(common_text(groups->group, column),
			   common_text(&groups->group[i], column)))
			return false;
	return true;
}

/* Do two rows differ in nothing before the figures but this? Groups come sorted. */
static bool tells_apart(const struct groups *groups, size_t column)
{
	for (size_t i = 1; i < groups->count; i++) {
		const struct query_group *one = &groups->group[i - 1], *other = &groups->group[i];

		if (!memcmp(one->by, other->by, sizeof(one->by)) &&
		    !strcmp(one->storm, other->storm) &&
		    strcmp(common_text(one, column), common_text(other, column)))
			return true;
	}
	return false;
}

static void number_cell(struct table *table, double value)
{
	if (isfinite(value))
		table_cell(table, "%.10g", value);
	else
		table_cell(table, "%s", "");
}

static bool has_p99(const struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->group[i].p99.runs)
			return true;
	return false;
}

static void figure_cells(struct table *table, const struct query_figure *figure,
			 enum query_unit unit, bool plain)
{
	char text[CELL];

	if (plain) {
		number_cell(table, figure->value);
		number_cell(table, figure->low);
		number_cell(table, figure->high);
		return;
	}
	if (unit == QUERY_NS)
		units_ns(text, sizeof(text), figure->value, 1e9);
	else
		units_ticks(text, sizeof(text), figure->value);
	table_cell(table, "%s", text);
	units_half(text, sizeof(text), figures_half(figure->low, figure->high));
	table_cell(table, "%s", text);
}

/* Does any group have several machines, and not one run of each? */
static bool has_machines(const struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		const struct query_figure *p50 = &groups->group[i].p50;

		if (p50->machines > 1 && p50->machines < p50->runs)
			return true;
	}
	return false;
}

static void add_row(struct table *table, const struct groups *groups, size_t index, bool plain)
{
	const struct query_group *group = &groups->group[index];

	table_row(table);
	for (size_t i = 0; i < groups->query->keys; i++)
		table_cell(table, "%s", *group->by[i] ? group->by[i] : "-");
	for (size_t i = 0; i < COMMON; i++)
		if (plain || tells_apart(groups, i))
			table_cell(table, "%s", common_text(group, i));
	table_cell(table, "%s", group->storm);
	table_cell(table, "%zu", group->p50.runs);
	if (plain || has_machines(groups))
		table_cell(table, "%zu", group->p50.machines);
	if (plain)
		table_cell(table, "%s", query_unit_name[group->unit]);
	figure_cells(table, &group->p50, group->unit, plain);
	if (plain || has_p99(groups))
		figure_cells(table, &group->p99, group->unit, plain);
}

/* A heading is the last part of the path, or all of it where that is "name" or not unique. */
static const char *heading(const struct query *query, size_t key)
{
	const char *path = query->by[key], *last = strrchr(path, '.');

	if (last && !strcmp(last, ".name"))
		return path;
	for (size_t i = 0; last && i < query->keys; i++) {
		const char *other = strrchr(query->by[i], '.');

		if (i != key && !strcmp(other ? other : query->by[i], last))
			return path;
	}
	return last ? last + 1 : path;
}

static void add_columns(struct table *table, const struct groups *groups, bool plain)
{
	static const char *const text[] = {"p50", "+-%", "p99", "+-%"};
	static const char *const csv[] = {"unit", "p50",	  "p50_ci95_low", "p50_ci95_high",
					  "p99",  "p99_ci95_low", "p99_ci95_high"};
	const struct query *query = groups->query;
	const char *const *head = plain ? csv : text;
	size_t count = plain ? sizeof(csv) / sizeof(*csv) : has_p99(groups) ? 4 : 2;

	for (size_t i = 0; i < query->keys; i++)
		table_column(table, plain ? query->by[i] : heading(query, i), false);
	for (size_t i = 0; i < COMMON; i++)
		if (plain || tells_apart(groups, i))
			table_column(table, common[i].head, false);
	/* Last of those aligned left, because it is the one that is wrapped. */
	table_column(table, "storm", false);
	table_column(table, "runs", true);
	if (plain || has_machines(groups))
		table_column(table, "machines", true);
	for (size_t i = 0; i < count; i++)
		table_column(table, head[i], true);
}

static void add_notes(struct table *table, const struct groups *groups)
{
	char text[QUERY_TEXT * COMMON + 64] = "";

	for (size_t i = 0; i < COMMON; i++)
		if (is_common(groups, i))
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s",
				 *text ? ", " : "All rows: ", common[i].head,
				 common_text(groups->group, i));
	if (*text)
		table_note(table, "%s.", text);
	table_note(table,
		   "The figure of a group is the centre of its machines' figures, +-%% half of its "
		   "95 %% interval from machine to machine; of one machine from run to run, of one "
		   "run from repeat to repeat.");
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->group[i].unit != QUERY_TICKS)
			continue;
		table_note(table, "Without a unit: ticks, of an emulator's clock or of a TSC whose "
				  "rate is not known.");
		break;
	}
}

int store_print(struct store *store, const struct query *query, FILE *out, enum table_form form,
		int width, size_t *count, char *why)
{
	struct groups groups = {.query = query};
	struct table *table = table_new(NULL);
	bool plain = form == TABLE_CSV;
	int error = table ? query_run(store, query, add_group, &groups, why)
			  : why_say(why, -ENOMEM, "no memory");

	*count = groups.count;
	if (!error && groups.count) {
		add_columns(table, &groups, plain);
		for (size_t i = 0; i < groups.count; i++)
			add_row(table, &groups, i, plain);
		add_notes(table, &groups);
		if (table_print(table, out, form, width))
			error = why_say(why, -ENOMEM, "no memory");
	}
	table_free(table);
	free(groups.group);
	return error;
}

static json_t *figure_json(const struct query_figure *figure)
{
	bool interval = isfinite(figure->low) && isfinite(figure->high);

	return compose_pack("{s:i, s:i, s:o, s:o}", "runs", (int)figure->runs, "machines",
			    (int)figure->machines, "value", run_number(figure->value), "ci95",
			    interval ? compose_pack("[f, f]", figure->low, figure->high)
				     : json_null());
}

struct objects {
	const struct query *query;
	json_t *array;
	size_t count;
};

static int add_object(void *arg, const struct query_group *group)
{
	struct objects *objects = arg;
	json_t *by = json_object(), *object;

	objects->count++;
	for (size_t i = 0; i < objects->query->keys; i++)
		compose_set(by, objects->query->by[i], compose_text_or_null(group->by[i]));
	object = compose_pack("{s:o}", "by", by);
	compose_set(object, "storm", compose_text(group->storm));
	compose_set(object, "leg", compose_text(group->leg));
	compose_set(object, "site", compose_text(group->site));
	compose_set(object, "clock", compose_text(group->clock));
	compose_set(object, "unit", compose_text(query_unit_name[group->unit]));
	compose_set(object, "p50", figure_json(&group->p50));
	compose_set(object, "p99", figure_json(&group->p99));
	compose_add(objects->array, object);
	return 0;
}

int store_json(struct store *store, const struct query *query, FILE *out, size_t *groups, char *why)
{
	struct objects objects = {.query = query, .array = json_array()};
	int error = query_run(store, query, add_object, &objects, why);
	json_t *document =
		compose_pack("{s:s, s:o}", "schema", QUERY_SCHEMA, "groups", objects.array);
	char *text =
		error ? NULL : compose_print(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	if (text)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(document);
	*groups = objects.count;
	return error;
}
