// SPDX-License-Identifier: GPL-2.0-or-later
#include "net.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../output/table.h"
#include "../output/units.h"
#include "net_repeats.h"

#define CELL 40

/* Of a value of each repeat: so much of the round trip, and so much of the control. */
static struct net_figure figure_of(const struct net_repeats *repeats, double trip, double control,
				   double blur)
{
	double *value = memory_new(repeats->count, sizeof(*value));
	struct net_figure figure;

	for (size_t i = 0; i < repeats->count; i++)
		value[i] = trip * repeats->trip[i] + control * repeats->control[i];
	figure = net_centre(value, repeats->count, blur);
	free(value);
	return figure;
}

/* No "-0". */
static char *ticks_text(char text[CELL], double ticks)
{
	return units_ticks(text, CELL, fabs(ticks) < 0.5 ? 0 : ticks);
}

static void put_ticks(struct table *table, double ticks)
{
	char text[CELL];

	table_cell(table, "%s", ticks_text(text, ticks));
}

static bool add_storm(struct table *table, const struct run *run, const struct run_storm *storm)
{
	double step = describe_number(run, "target.clock_granularity");
	char from[CELL], to[CELL], guest[CELL];
	struct net_figure net, trip, control;
	struct net_repeats repeats;

	if (!describe_measured(storm) || !describe_has(storm, LEG_ROUND_TRIP) ||
	    !describe_has(storm, LEG_CONTROL))
		return false;
	net_repeats_of(run, storm, &repeats);
	/* Each median is known to half a step of the clock; a step of 1 is none. */
	net = figure_of(&repeats, 1, -1, step > 1 ? step : 0);
	trip = figure_of(&repeats, 1, 0, 0);
	control = figure_of(&repeats, 0, 1, 0);
	net_repeats_free(&repeats);
	if (!isfinite(net.centre))
		return false;
	table_row(table);
	table_cell(table, "%s", storm->name);
	table_cell(table, "%s", describe_guest(run, storm, guest, sizeof(guest)));
	put_ticks(table, trip.centre);
	put_ticks(table, control.centre);
	put_ticks(table, net.centre);
	if (isfinite(net.low))
		table_cell(table, "%s..%s", ticks_text(from, net.low), ticks_text(to, net.high));
	else
		table_cell(table, "-");
	table_cell(table, "%s..%s", ticks_text(from, net.centre), ticks_text(to, trip.centre));
	return true;
}

int show_net(const struct run *run, FILE *out, int width)
{
	static const char *const heads[] = {"storm", "guest", "p50",	"control",
					    "net",   "95 %",  "bracket"};
	struct table *table = table_new("Net cost of an operation, ticks");
	char text[256];
	bool any = false;
	int error;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		table_column(table, heads[i], i > 1);
	for (size_t i = 0; i < run->storms; i++)
		any |= add_storm(table, run, &run->storm[i]);
	if (any) {
		fprintf(out, "%s\nclock: ", describe_target(run, text, sizeof(text)));
		fprintf(out, "%s\n\n", describe_clock(run, text, sizeof(text)));
	}
	error = any ? table_print(table, out, TABLE_TEXT, width) : -ENODATA;
	table_free(table);
	if (error)
		return error;
	putc('\n', out);
	table_wrap(
		out,
		"net: the median of the round trip less that of the control loop, repeat by "
		"repeat, of undisturbed records; the centre without the lowest and the highest "
		"fifth, with its interval. The control's batches lie among the storm's. bracket: "
		"a stamp may overlap the operation, or not, so the cost lies between net and "
		"p50.",
		width, 2);
	return 0;
}
