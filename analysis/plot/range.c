// SPDX-License-Identifier: GPL-2.0-or-later
#include "range.h"

#include <math.h>

#include "parts.h"

/* From this ratio of ends on the axis is logarithmic. */
#define LOG_RANGE 8
/* A quantile beyond this multiple of p75 belongs to a long tail. */
#define LONG_TAIL 3

/* The maximum of one quantile over all series. */
static double max_quantile(const struct figure *figure, size_t offset)
{
	double value = 0;

	for (size_t i = 0; i < figure->count; i++)
		value = fmax(value, *(const double *)((const char *)&figure->series[i] + offset));
	return value;
}

static void ends_of_intervals(struct figure *figure)
{
	figure->low = INFINITY;
	figure->high = 0;
	for (size_t i = 0; i < figure->count; i++) {
		const struct series *series = &figure->series[i];

		/* fmin() and fmax() ignore NAN. */
		figure->low = fmin(figure->low, fmin(series->centre, series->centre_low));
		figure->high = fmax(figure->high, fmax(series->centre, series->centre_high));
		figure->high = fmax(figure->high, fmax(series->tail, series->tail_high));
	}
	figure->end = NULL;
}

/* Bars begin at 0, so that their lengths are proportional. */
static void stack_axis(struct figure *figure)
{
	for (size_t i = 0; i < figure->count; i++)
		figure->high = fmax(figure->high, plot_parts_sum(&figure->series[i]));
	figure->high = fmax(figure->high * 1.02, 1);
	figure->end = "the medians";
}

/* The axis does not reach to the maximum: a tail of disturbed records would compress all else. */
static void choose_axis(struct figure *figure)
{
	static const struct {
		const char *name;
		size_t offset;
	} ends[] = {
		{"p99.9", offsetof(struct series, p999)},
		{"p99", offsetof(struct series, p99)},
		{"p95", offsetof(struct series, p95)},
		{"p90", offsetof(struct series, p90)},
	};
	bool box = figure->plot->kind->per == PER_RUN;
	size_t end = box ? 0 : 1;

	figure->low = INFINITY;
	for (size_t i = 0; i < figure->count; i++)
		figure->low =
			fmin(figure->low, box ? figure->series[i].p01 : figure->series[i].min);
	/* Boxes draw p99.9. Distributions end where a long tail begins. */
	while (!box && end + 1 < sizeof(ends) / sizeof(*ends) &&
	       max_quantile(figure, ends[end].offset) >
		       LONG_TAIL * max_quantile(figure, offsetof(struct series, p75)))
		end++;
	figure->high = max_quantile(figure, ends[end].offset);
	figure->end = ends[end].name;
	if (figure->plot->kind->intervals)
		ends_of_intervals(figure);
	/* A time line must show outliers. */
	if (figure->plot->kind->samples) {
		figure->high = max_quantile(figure, offsetof(struct series, max));
		figure->end = NULL;
	}
	figure->log = figure->low > 0 && figure->high / figure->low > LOG_RANGE;
	if (figure->log) {
		double margin = pow(figure->high / figure->low, 0.03);

		figure->low /= margin;
		figure->high *= margin;
	} else {
		double margin = fmax((figure->high - figure->low) * 0.05, figure->high * 1e-3);

		figure->low = fmax(figure->low - margin, 0);
		figure->high = fmax(figure->high + margin, figure->low + 1);
	}
}

void plot_range(struct figure *figure)
{
	if (figure->plot->kind->stacked)
		stack_axis(figure);
	else
		choose_axis(figure);
}
