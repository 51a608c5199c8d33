// SPDX-License-Identifier: GPL-2.0-or-later
#include "distribution.h"

#include <math.h>

/* Smaller steps are not visible and are left out: parts of the figure's height and width. */
#define FINE_Y 0.0005
#define FINE_X 0.001

struct pen {
	const struct figure *figure;
	FILE *file;
	double x, y;	       /* last point drawn */
	double wait_x, wait_y; /* latest point after it, not drawn yet */
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
	/* A step begins at the end of the flat part before it. */
	if (pen->waits)
		draw(pen, pen->wait_x, pen->wait_y);
	draw(pen, x, y);
}

/* Values are spread over their bucket's width, as stats_quantile() has it. */
int plot_data_cdf(const struct figure *figure, const struct series *series,
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

int plot_data_box(const struct figure *figure, const struct series *series,
		  const struct histogram *histogram, FILE *file, char *why)
{
	double place = figure->runs == 1 ? 0
					 : (series->run_index - (figure->runs - 1) / 2.0) * 0.84 /
						   figure->runs;

	(void)histogram;
	(void)why;
	fprintf(file, "%g %.9g %.9g %.9g %.9g %.9g %.9g\n", series->storm_index + place,
		series->p01, series->p25, series->centre, series->p75, series->p99, series->p999);
	return 0;
}
