// SPDX-License-Identifier: GPL-2.0-or-later
#include "quantiles.h"

#include <errno.h>
#include <math.h>

#include "../stats/stats.h"
#include "parts.h"

/* More repeats do not narrow the interval visibly. */
#define MAX_REPEATS 200

struct sum {
	struct histogram *histogram;
	enum leg leg;
	int repeat;  /* -1: all */
	u32 repeats; /* highest seen, plus 1 */
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

/* Do the buckets agree with run.json's summary? If not, one of them is damaged. */
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
			       "%s: histograms/%s.npy contradicts run.json on its leg %s",
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

	/* The file is read once per repeat, so that memory does not grow with their number. */
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
