// SPDX-License-Identifier: GPL-2.0-or-later
/* From a run's histograms to what gnuplot draws. */
#include <math.h>
#include <string.h>

#include "describe.h"
#include "plot_private.h"
#include "stats.h"

/* Steps that the eye would not see are left out: a part of the figure's height and of its width. */
#define FINE_Y 0.0005
#define FINE_X 0.001

struct sum {
	struct histogram *histogram;
	enum leg leg;
};

static int add_row(void *arg, const struct histogram_row *row)
{
	struct sum *sum = arg;

	if (row->leg != sum->leg || row->clean)
		return 0;
	sum->histogram->bucket[row->bucket] += row->count;
	sum->histogram->count += row->count;
	return 0;
}

/* Do the buckets hold what the summary says? Else one of the two is of something else. */
static bool matches(const struct histogram *histogram, const struct leg_stats *stats)
{
	u32 first = 0, last = HISTOGRAM_BUCKETS - 1, low, high;

	if (!histogram->count || histogram->count != stats->count || !(stats->min >= 0) ||
	    !(stats->max >= stats->min) || stats->max >= 0x1p64)
		return false;
	while (!histogram->bucket[first])
		first++;
	while (!histogram->bucket[last])
		last--;
	low = histogram_index(stats->min, HISTOGRAM_SUB_BITS);
	high = histogram_index(stats->max, HISTOGRAM_SUB_BITS);
	return first == (low < HISTOGRAM_BUCKETS ? low : HISTOGRAM_BUCKETS - 1) &&
	       last == (high < HISTOGRAM_BUCKETS ? high : HISTOGRAM_BUCKETS - 1);
}

int plot_load(const struct figure *figure, struct series *series, struct histogram *histogram,
	      char *why)
{
	const struct leg_stats *all = &series->storm->leg[figure->leg].all;
	struct sum sum = {histogram, figure->leg};
	const struct {
		double *value, q;
	} quantiles[] = {
		{&series->p01, 0.01}, {&series->p25, 0.25},   {&series->p50, 0.5},
		{&series->p75, 0.75}, {&series->p90, 0.9},    {&series->p95, 0.95},
		{&series->p99, 0.99}, {&series->p999, 0.999},
	};
	int error;

	histogram_reset(histogram);
	error = run_histogram(series->run, series->storm->name, add_row, &sum, why);
	if (error)
		return error;
	if (!matches(histogram, all))
		return why_say(why, -EBADMSG,
			       "%s: histograms/%s.npy does not hold what run.json says of its %s",
			       why_path(series->run->path), series->storm->name,
			       leg_name[figure->leg]);
	histogram->min = all->min;
	histogram->max = all->max;
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++)
		*quantiles[i].value = stats_quantile(histogram, quantiles[i].q) * series->scale;
	series->min = histogram->min * series->scale;
	series->max = histogram->max * series->scale;
	return 0;
}

struct pen {
	const struct figure *figure;
	FILE *file;
	double x, y;	       /* drawn last */
	double wait_x, wait_y; /* seen since, not drawn */
	bool waits, drawn;
};

static double across(const struct figure *figure, double x)
{
	if (figure->log)
		return log(x / figure->low) / log(figure->high / figure->low);
	return (x - figure->low) / (figure->high - figure->low);
}

static void draw(struct pen *pen, double x, double y)
{
	fprintf(pen->file, "%.9g %.9g\n", x, y);
	pen->x = x;
	pen->y = y;
	pen->waits = false;
	pen->drawn = true;
}

static void move(struct pen *pen, double x, double y)
{
	if (pen->drawn && y - pen->y < FINE_Y &&
	    across(pen->figure, x) - across(pen->figure, pen->x) < FINE_X) {
		pen->wait_x = x;
		pen->wait_y = y;
		pen->waits = true;
		return;
	}
	/* A step after a flat part begins where the flat part ended. */
	if (pen->waits)
		draw(pen, pen->wait_x, pen->wait_y);
	draw(pen, x, y);
}

/* Within a bucket the values are spread over its width, as they are for quantiles. */
static void data_cdf(const struct figure *figure, const struct series *series,
		     const struct histogram *histogram, FILE *file)
{
	struct pen pen = {.figure = figure, .file = file};
	double sum = 0;

	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double low, high;

		if (!histogram->bucket[i])
			continue;
		low = fmax(histogram_low(i, HISTOGRAM_SUB_BITS) - 0.5, histogram->min);
		high = fmin(low + histogram_width(i, HISTOGRAM_SUB_BITS), histogram->max);
		move(&pen, low * series->scale, sum / histogram->count);
		sum += histogram->bucket[i];
		move(&pen, high * series->scale, sum / histogram->count);
	}
	if (pen.waits)
		draw(&pen, pen.wait_x, pen.wait_y);
}

static void data_box(const struct figure *figure, const struct series *series,
		     const struct histogram *histogram, FILE *file)
{
	double place = figure->runs == 1 ? 0
					 : (series->run_index - (figure->runs - 1) / 2.0) * 0.84 /
						   figure->runs;

	(void)histogram;
	fprintf(file, "%g %.9g %.9g %.9g %.9g %.9g %.9g\n", series->storm_index + place,
		series->p01, series->p25, series->p50, series->p75, series->p99, series->p999);
}

double plot_median(const struct series *series, enum leg leg)
{
	return describe_has(series->storm, leg) ? series->storm->leg[leg].all.p50 * series->scale
						: 0;
}

/* Where each part of the bar begins and the last ends. */
static void data_legs(const struct figure *figure, const struct series *series,
		      const struct histogram *histogram, FILE *file)
{
	static const enum leg legs[] = {LEG_EXIT, LEG_HANDLER, LEG_RESUME};
	double at = 0;

	(void)histogram;
	fprintf(file, "%zu 0", (size_t)(series - figure->series));
	for (size_t i = 0; i < sizeof(legs) / sizeof(*legs); i++)
		fprintf(file, " %.9g", at += plot_median(series, legs[i]));
	putc('\n', file);
}

static double height_cdf(const struct figure *figure)
{
	(void)figure;
	return 7.5;
}

static double height_box(const struct figure *figure)
{
	return 0.4 + figure->storms * (0.22 + 0.28 * figure->runs);
}

static size_t rows_cdf(const struct figure *figure)
{
	return (figure->count + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static double height_legs(const struct figure *figure)
{
	return 0.4 + figure->count * 0.4;
}

static size_t rows_legs(const struct figure *figure)
{
	(void)figure;
	return 2;
}

static size_t rows_box(const struct figure *figure)
{
	return figure->runs > 1 ? (figure->runs + KEY_COLUMNS - 1) / KEY_COLUMNS : 0;
}

extern const char figure_cdf[], figure_box[], figure_legs[];

const struct plot_kind plot_kinds[] = {
	{"cdf", figure_cdf, "cdf.gp", 12, data_cdf, "Share of records that took at most so long",
	 height_cdf, rows_cdf, false},
	{"box", figure_box, "box.gp", 0, data_box,
	 "Bar: median; box: p25 to p75; whiskers: p1 to p99; circle: p99.9", height_box, rows_box,
	 false},
	{"legs", figure_legs, "legs.gp", 0, data_legs,
	 "Medians of the legs, end to end: their sum need not be the round trip's median",
	 height_legs, rows_legs, true},
	{0},
};
