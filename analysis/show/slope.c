// SPDX-License-Identifier: GPL-2.0-or-later
#include "slope.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../output/table.h"
#include "../output/units.h"
#include "net_repeats.h"

#define CELL 40

/* A repeat's line over the runs: least squares. */
struct line {
	double slope, rest;
};

/* Operations of each run, their mean, and the sum of squares about it. */
struct axis {
	double *ops, mean, squares;
	size_t runs;
};

static struct axis axis_of(struct run *const *run, size_t runs)
{
	struct axis axis = {.ops = memory_new(runs, sizeof(double)), .runs = runs};

	for (size_t i = 0; i < runs; i++) {
		axis.ops[i] = net_ops(run[i]);
		axis.mean += axis.ops[i] / runs;
	}
	for (size_t i = 0; i < runs; i++)
		axis.squares += (axis.ops[i] - axis.mean) * (axis.ops[i] - axis.mean);
	return axis;
}

/* NAN where a run lacks the repeat. */
static struct line line_of(const struct axis *axis, const struct net_repeats *repeats, size_t index)
{
	struct line line = {0, 0};
	double mean = 0;

	for (size_t i = 0; i < axis->runs; i++) {
		double trip = index < repeats[i].count ? repeats[i].trip[index] : NAN;

		line.slope += (axis->ops[i] - axis->mean) * trip / axis->squares;
		mean += trip / axis->runs;
	}
	line.rest = mean - line.slope * axis->mean;
	return line;
}

/* By how much the clock's step may have shifted a slope: half a step at each end. */
static double blur_of(const struct axis *axis, const struct run *run)
{
	double step = describe_number(run, "target.clock_granularity"), sum = 0;

	for (size_t i = 0; i < axis->runs; i++)
		sum += fabs(axis->ops[i] - axis->mean);
	return step > 1 ? step / 2 * sum / axis->squares : 0;
}

/* No "-0". */
static char *ticks_text(char text[CELL], double ticks)
{
	return units_ticks(text, CELL, fabs(ticks) < 0.5 ? 0 : ticks);
}

static void put_figure(struct table *table, struct net_figure figure)
{
	char from[CELL], to[CELL];

	table_cell(table, "%s", ticks_text(from, figure.centre));
	if (isfinite(figure.low))
		table_cell(table, "%s..%s", ticks_text(from, figure.low),
			   ticks_text(to, figure.high));
	else
		table_cell(table, "-");
}

static bool all_have(struct run *const *run, size_t runs, const char *name)
{
	for (size_t i = 0; i < runs; i++) {
		const struct run_storm *storm = run_storm_find(run[i], name);

		if (!storm || !describe_measured(storm) || !describe_has(storm, LEG_ROUND_TRIP))
			return false;
	}
	return true;
}

static void add_row(struct table *table, struct run *const *run, const struct axis *axis,
		    const char *name)
{
	struct net_repeats *repeats = memory_new(axis->runs, sizeof(*repeats));
	double blur = blur_of(axis, run[0]), *slope, *rest;
	size_t count;

	for (size_t i = 0; i < axis->runs; i++)
		net_repeats_of(run[i], run_storm_find(run[i], name), &repeats[i]);
	count = repeats[0].count;
	slope = memory_new(count, sizeof(*slope));
	rest = memory_new(count, sizeof(*rest));
	for (size_t i = 0; i < count; i++) {
		struct line line = line_of(axis, repeats, i);

		slope[i] = line.slope;
		rest[i] = line.rest;
	}
	table_row(table);
	table_cell(table, "%s", name);
	put_figure(table, net_centre(slope, count, blur));
	put_figure(table, net_centre(rest, count, blur * axis->mean));
	for (size_t i = 0; i < axis->runs; i++)
		net_repeats_free(&repeats[i]);
	free(repeats);
	free(slope);
	free(rest);
}

static void put_head(struct run *const *run, const struct axis *axis, FILE *out)
{
	char text[256];

	fprintf(out, "%s\nclock: ", run_string(run[0], "target.name"));
	fprintf(out, "%s\nops: ", describe_clock(run[0], text, sizeof(text)));
	for (size_t i = 0; i < axis->runs; i++)
		fprintf(out, "%s%g", i ? ", " : "", axis->ops[i]);
	fputs("\n\n", out);
}

int show_slope(struct run *const *run, size_t runs, FILE *out, int width, char *why)
{
	static const char *const heads[] = {"storm", "slope", "95 %", "rest", "95 %"};
	struct table *table = table_new("Net cost of an operation by ops, ticks");
	struct axis axis = axis_of(run, runs);
	int error = 0;
	bool any = false;

	for (size_t i = 0; table && i < sizeof(heads) / sizeof(*heads); i++)
		table_column(table, heads[i], i > 0);
	for (size_t i = 0; table && axis.squares > 0 && i < run[0]->storms; i++) {
		if (!all_have(run, runs, run[0]->storm[i].name))
			continue;
		add_row(table, run, &axis, run[0]->storm[i].name);
		any = true;
	}
	if (!table)
		error = why_say(why, -ENOMEM, "no memory");
	else if (!(axis.squares > 0))
		error = why_say(why, -ENODATA,
				"the runs have the same ops: a slope needs run --vary ops=1,2,4");
	else if (!any)
		error = why_say(why, -ENODATA, "no storm has a round trip in all runs");
	if (!error) {
		put_head(run, &axis, out);
		error = table_print(table, out, TABLE_TEXT, width);
		if (error)
			why_say(why, error, "no memory");
	}
	table_free(table);
	free(axis.ops);
	if (error)
		return error;
	putc('\n', out);
	table_wrap(out,
		   "slope: what each further operation between a pair of stamps adds to the round "
		   "trip: its cost without stamps. rest: what is left at no operation, the cost of "
		   "looking. Both by least squares in each repeat of all runs; the centre without "
		   "the lowest and the highest fifth, with its interval and the clock's step. An "
		   "operation that overlaps the next one, or one that a stamp waits for, costs "
		   "less in a row: then the slope is below the net cost of --net of one run.",
		   width, 2);
	return 0;
}
