// SPDX-License-Identifier: GPL-2.0-or-later
#include "quantiles.h"

#include <errno.h>
#include <math.h>

#include "../stats/figures.h"
#include "../stats/stats.h"
#include "parts.h"

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
	const struct {
		double *value, q;
	} quantiles[] = {
		{&series->p01, 0.01}, {&series->p25, 0.25},   {&series->p50, 0.5},
		{&series->p75, 0.75}, {&series->p90, 0.9},    {&series->p95, 0.95},
		{&series->p99, 0.99}, {&series->p999, 0.999},
	};
	int error;

	histogram_reset(histogram);
	error = stats_add_histogram(series->run, series->storm, leg, histogram, why);
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

static double scaled(double ticks, const struct series *series)
{
	return ticks * series->scale;
}

void plot_centres(const struct figure *figure, struct series *series)
{
	const struct run_leg *leg = &series->storm->leg[plot_leg(figure, series->storm)];
	const struct run_figure *tail = &leg->figure[RUN_P99];

	series->centre = scaled(figures_p50(leg), series);
	series->centre_low = scaled(leg->ci_low, series);
	series->centre_high = scaled(leg->ci_high, series);
	series->tail = series->tail_low = series->tail_high = NAN;
	if (!tail->repeats)
		return;
	series->tail = scaled(tail->ticks, series);
	series->tail_low = scaled(tail->low, series);
	series->tail_high = scaled(tail->high, series);
}
