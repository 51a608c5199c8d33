// SPDX-License-Identifier: GPL-2.0-or-later
#include "shift.h"

#include <math.h>
#include <string.h>

#include "../stats/repeat_quantiles.h"
#include "parts.h"

static const double quantile[] = {0.01, 0.025, 0.05, 0.1, 0.15, 0.2,   0.25, 0.3,
				  0.35, 0.4,   0.45, 0.5, 0.55, 0.6,   0.65, 0.7,
				  0.75, 0.8,   0.85, 0.9, 0.95, 0.975, 0.99};
#define QUANTILES (sizeof(quantile) / sizeof(*quantile))

static double percent(double log)
{
	return expm1(log) * 100;
}

static void put_points(const struct sample *base, const struct sample *now, bool paired,
		       double unit, FILE *file)
{
	for (size_t i = 0; i < QUANTILES; i++) {
		struct shift shift;

		if (paired)
			shift_paired(&base[i], &now[i], &shift);
		else
			shift_unpaired(&base[i], &now[i], &shift);
		/* In ns, where the clocks have different rates. */
		shift.log += unit;
		shift.low += unit;
		shift.high += unit;
		if (isfinite(shift.log) && isfinite(shift.low))
			fprintf(file, "%g %.6g %.6g %.6g\n", quantile[i] * 100, percent(shift.log),
				percent(shift.low), percent(shift.high));
		else if (isfinite(shift.log))
			fprintf(file, "%g %.6g NaN NaN\n", quantile[i] * 100, percent(shift.log));
	}
}

int plot_data_shift(const struct figure *figure, const struct series *series,
		    const struct histogram *histogram, FILE *file, char *why)
{
	const struct run *base = figure->run[0];
	const struct run_storm *storm = run_storm_find(base, series->storm->name);
	const char *turn = run_string(base, "in_turn");
	bool paired = *turn && !strcmp(turn, run_string(series->run, "in_turn"));
	struct sample left[QUANTILES] = {0}, right[QUANTILES] = {0};
	enum leg leg = plot_leg(figure, series->storm);
	int error = repeat_quantiles(base, storm, leg, quantile, QUANTILES, left, why);

	(void)histogram;
	if (!error)
		error = repeat_quantiles(series->run, series->storm, leg, quantile, QUANTILES,
					 right, why);
	if (!error)
		put_points(left, right, paired, log(series->scale / series->base_scale), file);
	for (size_t i = 0; i < QUANTILES; i++) {
		sample_free(&left[i]);
		sample_free(&right[i]);
	}
	return error;
}
