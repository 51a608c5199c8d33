// SPDX-License-Identifier: GPL-2.0-or-later
#include "lines.h"

#include <math.h>

#include "../describe/describe.h"

/* More points cannot be told apart on paper. */
#define TIMELINE_POINTS 4000
/* Distance between storms at one place, where places are names. */
#define DODGE 0.07

struct timeline {
	const struct series *series;
	enum leg leg;
	FILE *file;
	double exits;
	u64 count, step;
};

static int count_record(void *arg, const struct record *record)
{
	struct timeline *timeline = arg;

	(void)record;
	timeline->count++;
	return 0;
}

static int put_record(void *arg, const struct record *record)
{
	struct timeline *timeline = arg;
	bool disturbed = record->flags & RECORD_DISTURBED;
	u64 ticks;

	if (timeline->count++ % timeline->step || !record_leg(record, NULL, timeline->leg, &ticks))
		return 0;
	fprintf(timeline->file, "%.0f %.9g %d\n",
		record->iteration + record->repeat * timeline->exits,
		ticks * timeline->series->scale, disturbed);
	return 0;
}

int plot_data_timeline(const struct figure *figure, const struct series *series,
		       const struct histogram *histogram, FILE *file, char *why)
{
	struct timeline timeline = {.series = series, .leg = figure->leg, .file = file};
	int error;

	(void)histogram;
	timeline.exits = describe_number(series->run, "plan.exits");
	if (!isfinite(timeline.exits) || timeline.exits < 0)
		timeline.exits = 0;
	error = run_samples(series->run, series->storm->name, count_record, &timeline, why);
	timeline.step = timeline.count / TIMELINE_POINTS + 1;
	timeline.count = 0;
	if (!error)
		error = run_samples(series->run, series->storm->name, put_record, &timeline, why);
	return error;
}

static void put_number(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, " %.9g", value);
	else
		fputs(" NaN", file);
}

static void put_quantiles(const struct series *series, FILE *file)
{
	const double values[] = {series->centre, series->centre_low, series->centre_high,
				 series->tail,	 series->tail_low,   series->tail_high};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		put_number(file, values[i]);
	putc('\n', file);
}

int plot_data_line(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why)
{
	double at = figure->place[series->run_index].at;

	(void)histogram;
	(void)why;
	if (!figure->place_number)
		at += (series->storm_index - (figure->storms - 1) / 2.0) * DODGE;
	fprintf(file, "%.9g", at);
	put_quantiles(series, file);
	return 0;
}

int plot_data_generations(const struct figure *figure, const struct series *series,
			  const struct histogram *histogram, FILE *file, char *why)
{
	double place = (series->run_index - (figure->runs - 1) / 2.0) * 0.8 / figure->runs;

	(void)histogram;
	(void)why;
	fprintf(file, "%.9g", series->storm_index + place);
	put_quantiles(series, file);
	return 0;
}
