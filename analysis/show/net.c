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
#include "../stats/inference.h"

#define CELL 40

/* Ticks, one per repeat: means over its vCPUs. NAN: the repeat has none. */
struct repeats {
	double *trip, *control;
	size_t *vcpus;
	size_t count;
};

static double median_of(const json_t *repeat, const char *leg)
{
	const json_t *clean = json_object_get(json_object_get(repeat, "p50_clean"), leg);
	const json_t *all = json_object_get(json_object_get(repeat, "p50"), leg);

	return json_is_number(clean) ? json_number_value(clean)
	       : json_is_number(all) ? json_number_value(all)
				     : NAN;
}

static void repeats_of(const struct run *run, const struct run_storm *storm,
		       struct repeats *repeats)
{
	const json_t *list = json_object_get(storm->json, "repeats");
	double count = describe_number(run, "plan.repeats");

	repeats->count = count >= 1 && count <= 1e6 ? count : 0;
	repeats->trip = memory_new(repeats->count, sizeof(double));
	repeats->control = memory_new(repeats->count, sizeof(double));
	repeats->vcpus = memory_new(repeats->count, sizeof(size_t));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		json_int_t number = json_integer_value(json_object_get(one, "repeat"));

		if (number < 0 || (size_t)number >= repeats->count)
			continue;
		repeats->trip[number] += median_of(one, leg_name[LEG_ROUND_TRIP]);
		repeats->control[number] += median_of(one, leg_name[LEG_CONTROL]);
		repeats->vcpus[number]++;
	}
}

static void repeats_free(struct repeats *repeats)
{
	free(repeats->trip);
	free(repeats->control);
	free(repeats->vcpus);
}

/* The centre of a value of each repeat, and its interval. `step`: of the clock. */
struct figure {
	double centre, low, high;
};

static struct figure figure_of(const struct repeats *repeats, double trip, double control,
			       double blur)
{
	struct sample sample = {.log = memory_new(repeats->count, sizeof(double)), .blur = blur};
	struct figure figure;

	/* The functions of a sample take logarithms or, as here, ticks: they only average. */
	for (size_t i = 0; i < repeats->count; i++) {
		double value = (trip * repeats->trip[i] + control * repeats->control[i]) /
			       repeats->vcpus[i];

		if (isfinite(value))
			sample.log[sample.n++] = value;
	}
	figure.centre = sample_centre(&sample);
	sample_interval(&sample, &figure.low, &figure.high);
	sample_free(&sample);
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
	struct figure net, trip, control;
	struct repeats repeats;

	if (!describe_measured(storm) || !describe_has(storm, LEG_ROUND_TRIP) ||
	    !describe_has(storm, LEG_CONTROL))
		return false;
	repeats_of(run, storm, &repeats);
	/* Each median is known to half a step of the clock; a step of 1 is none. */
	net = figure_of(&repeats, 1, -1, step > 1 ? step : 0);
	trip = figure_of(&repeats, 1, 0, 0);
	control = figure_of(&repeats, 0, 1, 0);
	repeats_free(&repeats);
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
