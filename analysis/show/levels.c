// SPDX-License-Identifier: GPL-2.0-or-later
#include "levels.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../output/units.h"
#include "../stats/figures.h"
#include "../stats/levels.h"

#define LEVELS_SCHEMA "exitstorm-levels/1"
#define CELL	      40

/* All runs have a figure of the leg that stands for the storm. */
static bool all_have(struct run *const *run, size_t runs, const struct run_storm *storm)
{
	enum leg leg = describe_main_leg(storm);

	for (size_t i = 0; i < runs && leg != LEGS; i++) {
		const struct run_storm *other = run_storm_find(run[i], storm->name);

		if (!other || !describe_has(other, leg) || !other->leg[leg].figure[RUN_P50].repeats)
			return false;
	}
	return leg != LEGS;
}

static void put_spread(struct table *table, double variance)
{
	char text[CELL];

	if (isnan(variance))
		table_cell(table, "-");
	else
		table_cell(table, "%s", units_percent(text, sizeof(text), sqrt(variance) * 100));
}

static void print_storm(void *arg, const struct run_storm *storm, const struct levels *levels)
{
	struct table *table = arg;
	double share = levels->share[levels->pays];
	char text[CELL];

	table_row(table);
	table_cell(table, "%s", storm->name);
	table_cell(table, "%s", units_ticks(text, sizeof(text), exp(levels->log)));
	if (isnan(levels->low))
		table_cell(table, "-");
	else
		table_cell(table, "%s",
			   units_half(text, sizeof(text),
				      figures_half(exp(levels->low), exp(levels->high))));
	for (int i = 0; i < LEVELS; i++)
		put_spread(table, levels->variance[i]);
	if (isnan(share))
		table_cell(table, "-");
	else
		table_cell(table, "%s (%.0f %%)", level_names[levels->pays], share * 100);
}

static void put_head(struct run *const *run, size_t runs, size_t boots, bool known, FILE *out)
{
	char text[256];

	fprintf(out, "%s\n", describe_target(run[0], text, sizeof(text)));
	fprintf(out, "clock: %s\n", describe_clock(run[0], text, sizeof(text)));
	fprintf(out, "%zu runs of ", runs);
	if (known)
		fprintf(out, "%zu boot%s", boots, boots == 1 ? "" : "s");
	else
		fputs("boots that are not known", out);
	fprintf(out, "; the first: %s\n\n", describe_plan(run[0], text, sizeof(text)));
}

static void put_notes(FILE *out, int width, size_t boots, bool known)
{
	table_wrap(
		out,
		"p50: the centre of the boots' centres, or of the runs' if there is one boot; "
		"+-%: half of its 95 % interval. record, repeat, run, boot: the standard "
		"deviation that each adds to the one above it (a record's: by the density around "
		"the median); -: cannot be told apart. With one run per boot, what differs from "
		"run to run is in boot.",
		width, 2);
	table_wrap(out,
		   "more of: the level with the greatest part of the interval's variance. More "
		   "repetition at the levels before it leaves that part as it is; at those after "
		   "it, it costs more (Kalibera and Jones 2013).",
		   width, 2);
	if (!known)
		table_wrap(out,
			   "The runs do not say of which boots they are, so they count as runs of "
			   "one.",
			   width, 2);
	else if (boots == 1)
		table_wrap(out,
			   "All runs are of one boot: what varies from boot to boot is in no "
			   "interval here.",
			   width, 2);
}

/* Calls back for each storm that all runs have. -ENODATA: none. */
static int each_storm(struct run *const *run, size_t runs,
		      void (*storm)(void *arg, const struct run_storm *, const struct levels *),
		      void *arg, char *why)
{
	bool any = false;
	int error = 0;

	for (size_t i = 0; !error && i < run[0]->storms; i++) {
		const struct run_storm *of = &run[0]->storm[i];
		struct levels levels;

		if (!all_have(run, runs, of))
			continue;
		error = levels_of_runs(run, runs, of->name, describe_main_leg(of), &levels, why);
		if (!error)
			storm(arg, of, &levels);
		any = true;
	}
	return error || any ? error : why_say(why, -ENODATA, "no storm has figures in all runs");
}

/* Every run's boot is known. */
static bool boots_known(struct run *const *run, size_t runs)
{
	for (size_t i = 0; i < runs; i++)
		if (!*describe_boot(run[i]))
			return false;
	return true;
}

int show_levels(struct run *const *run, size_t runs, FILE *out, enum table_form form, int width,
		char *why)
{
	static const char *const heads[] = {"storm",  "p50", "+-%",  "record",
					    "repeat", "run", "boot", "more of"};
	struct table *table =
		table_new(form == TABLE_TEXT ? NULL : "Levels of repetition, p50 in ticks");
	size_t *boot = memory_new(runs, sizeof(*boot)), boots = levels_boots(run, runs, boot);
	bool known = boots_known(run, runs);
	int error = -ENOMEM;

	free(boot);
	if (!table)
		return why_say(why, -ENOMEM, "no memory");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		table_column(table, heads[i], i > 0);
	error = each_storm(run, runs, print_storm, table, why);
	if (!error && form == TABLE_TEXT)
		put_head(run, runs, boots, known, out);
	if (!error && table_print(table, out, form, form == TABLE_TEXT ? width : 0))
		error = why_say(why, -ENOMEM, "no memory");
	if (!error && form == TABLE_TEXT) {
		putc('\n', out);
		put_notes(out, width, boots, known);
	}
	table_free(table);
	return error;
}

static void json_storm(void *arg, const struct run_storm *storm, const struct levels *levels)
{
	json_t *object = json_object(), *spread = json_object(), *share = json_object();

	for (int i = 0; i < LEVELS; i++) {
		compose_set(spread, level_name[i], run_number(sqrt(levels->variance[i])));
		compose_set(share, level_name[i], run_number(levels->share[i]));
	}
	compose_set(object, "storm", compose_text(storm->name));
	compose_set(object, "leg", compose_text(leg_name[describe_main_leg(storm)]));
	compose_set(object, "boots", json_integer((json_int_t)levels->boots));
	compose_set(object, "runs", json_integer((json_int_t)levels->runs));
	compose_set(object, "p50", run_number(exp(levels->log)));
	compose_set(object, "ci95_low", run_number(exp(levels->low)));
	compose_set(object, "ci95_high", run_number(exp(levels->high)));
	compose_set(object, "stddev", spread);
	compose_set(object, "share", share);
	compose_set(object, "pays",
		    isnan(levels->share[0]) ? json_null()
					    : compose_text(level_names[levels->pays]));
	compose_add(arg, object);
}

int show_levels_json(struct run *const *run, size_t runs, FILE *out, char *why)
{
	json_t *document = json_object(), *paths = json_array(), *storms = json_array();
	int error = each_storm(run, runs, json_storm, storms, why);
	char *text;

	for (size_t i = 0; i < runs; i++)
		compose_add(paths, compose_text(run[i]->path));
	compose_set(document, "schema", compose_text(LEVELS_SCHEMA));
	compose_set(document, "runs", paths);
	compose_set(document, "storms", storms);
	text = error ? NULL : compose_print(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	json_decref(document);
	if (text)
		fprintf(out, "%s\n", text);
	else if (!error)
		error = why_say(why, -ENOMEM, "no memory");
	free(text);
	return error;
}
