// SPDX-License-Identifier: GPL-2.0-or-later
/* From a run's histograms to what gnuplot draws. */
#include <math.h>
#include <string.h>

#include "../describe/describe.h"
#include "private.h"
#include "../stats/stats.h"

/* Steps that the eye would not see are left out: a part of the figure's height and of its width. */
#define FINE_Y 0.0005
#define FINE_X 0.001

/* An interval of so many is as narrow as eyes can see. */
#define MAX_REPEATS 200

struct sum {
	struct histogram *histogram;
	enum leg leg;
	int repeat;  /* -1: all */
	u32 repeats; /* seen */
};

static int add_row(void *arg, const struct histogram_row *row)
{
	struct sum *sum = arg;

	if (row->leg != sum->leg || row->clean)
		return 0;
	if (row->repeat >= sum->repeats)
		sum->repeats = row->repeat + 1;
	if (sum->repeat >= 0 && row->repeat != sum->repeat)
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
	enum leg leg = plot_leg(figure, series->storm);
	const struct leg_stats *all = &series->storm->leg[leg].all;
	struct sum sum = {histogram, leg, -1, 0};
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
			       why_path(series->run->path), series->storm->name, leg_name[leg]);
	histogram->min = all->min;
	histogram->max = all->max;
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++)
		*quantiles[i].value = stats_quantile(histogram, quantiles[i].q) * series->scale;
	series->min = histogram->min * series->scale;
	series->max = histogram->max * series->scale;
	return 0;
}

int plot_intervals(const struct figure *figure, struct series *series, struct histogram *histogram,
		   char *why)
{
	struct sum sum = {histogram, figure->leg, 0, 0};
	double p50[MAX_REPEATS], p99[MAX_REPEATS];
	u32 found = 0;
	int error;

	/* Read once a repeat: memory does not grow with their number. */
	do {
		histogram_reset(histogram);
		error = run_histogram(series->run, series->storm->name, add_row, &sum, why);
		if (error)
			return error;
		if (!histogram->count)
			continue;
		histogram->min = 0;
		histogram->max = UINT64_MAX;
		p50[found] = stats_quantile(histogram, 0.5) * series->scale;
		p99[found++] = stats_quantile(histogram, 0.99) * series->scale;
	} while (++sum.repeat < (int)sum.repeats && found < MAX_REPEATS);
	stats_interval(p50, found, &series->p50_low, &series->p50_high);
	stats_interval(p99, found, &series->p99_low, &series->p99_high);
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
static int data_cdf(const struct figure *figure, const struct series *series,
		    const struct histogram *histogram, FILE *file, char *why)
{
	struct pen pen = {.figure = figure, .file = file};
	double sum = 0;

	(void)why;
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
	return 0;
}

static int data_box(const struct figure *figure, const struct series *series,
		    const struct histogram *histogram, FILE *file, char *why)
{
	double place = figure->runs == 1 ? 0
					 : (series->run_index - (figure->runs - 1) / 2.0) * 0.84 /
						   figure->runs;

	(void)histogram;
	(void)why;
	fprintf(file, "%g %.9g %.9g %.9g %.9g %.9g %.9g\n", series->storm_index + place,
		series->p01, series->p25, series->p50, series->p75, series->p99, series->p999);
	return 0;
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
	enum leg leg[PLOT_PARTS];

	return (plot_parts(figure, leg) + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static size_t rows_box(const struct figure *figure)
{
	return figure->runs > 1 ? (figure->runs + KEY_COLUMNS - 1) / KEY_COLUMNS : 0;
}

static double height_line(const struct figure *figure)
{
	(void)figure;
	return 7.0;
}

static double height_generations(const struct figure *figure)
{
	return 0.4 + figure->storms * (0.25 + 0.25 * figure->runs);
}

static size_t rows_timeline(const struct figure *figure)
{
	return (figure->count + 1 + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static size_t rows_storms(const struct figure *figure)
{
	return (figure->storms + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

static size_t rows_runs(const struct figure *figure)
{
	return (figure->runs + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

/* What figures with a line for each storm have in common. */
#define LINE_OF_STORMS                                                                             \
	.per = PER_STORM, .most = 8, .usual = 4, .runs = PLOT_MAX_RUNS, .upright = true,           \
	.intervals = true, .data = plot_data_line, .height = height_line, .key_rows = rows_storms, \
	.caption = "Solid, filled: p50; dashed, open: p99; bars: 95 % intervals across the "       \
		   "repeats"

extern const char figure_cdf[], figure_box[], figure_legs[], figure_timeline[],
	figure_generations[], figure_scaling[], figure_sweep[];

const struct plot_kind plot_kinds[] = {
	{.name = "cdf",
	 .script = figure_cdf,
	 .script_name = "cdf.gp",
	 .per = PER_SERIES,
	 .most = 12,
	 .usual = 8,
	 .runs = 8,
	 .data = data_cdf,
	 .caption = "Share of records that took at most so long",
	 .height = height_cdf,
	 .key_rows = rows_cdf},
	{.name = "box",
	 .script = figure_box,
	 .script_name = "box.gp",
	 .per = PER_RUN,
	 .runs = 8,
	 .data = data_box,
	 .caption = "Bar: median; box: p25 to p75; whiskers: p1 to p99; circle: p99.9",
	 .height = height_box,
	 .key_rows = rows_box},
	{.name = "timeline",
	 .script = figure_timeline,
	 .script_name = "timeline.gp",
	 .per = PER_SERIES,
	 .most = 8,
	 .usual = 3,
	 .runs = 8,
	 .upright = true,
	 .samples = true,
	 .data = plot_data_timeline,
	 .caption = "Sampled records in the order of their operations, one repeat after the other; "
		    "circled: disturbed",
	 .height = height_cdf,
	 .key_rows = rows_timeline},
	{.name = "generations",
	 .script = figure_generations,
	 .script_name = "generations.gp",
	 .per = PER_RUN,
	 .runs = 8,
	 .intervals = true,
	 .time = true,
	 .places = plot_places_cpu,
	 .data = plot_data_generations,
	 .caption = "Filled: p50, with its 95 % interval across the repeats; open: p99",
	 .height = height_generations,
	 .key_rows = rows_runs},
	{.name = "scaling",
	 .script = figure_scaling,
	 .script_name = "scaling.gp",
	 .places = plot_places_vcpus,
	 LINE_OF_STORMS},
	{.name = "sweep",
	 .script = figure_sweep,
	 .script_name = "sweep.gp",
	 .places = plot_places_setting,
	 LINE_OF_STORMS},
	{.name = "legs",
	 .script = figure_legs,
	 .script_name = "legs.gp",
	 .per = PER_RUN,
	 .runs = 8,
	 .stacked = true,
	 .data = plot_data_legs,
	 .caption =
		 "Medians of the legs, end to end: their sum need not be the round trip's median",
	 .height = height_legs,
	 .key_rows = rows_legs},
	{0},
};
