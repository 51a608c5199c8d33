// SPDX-License-Identifier: GPL-2.0-or-later
#include "power.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>

#define MAX_NEEDED 1e6 /* more repeats than any run can have */
#define TRIES	   1000
#define POWER	   0.88 /* of 0.8: outliers, and spreads of few repeats, need a reserve */

/* Standard normal numbers of one try: the true shift and spread, and what is measured of them. */
struct
try {
	double shift, spread, seen_shift, seen_spread;
};

/* The same in each call, so that the same runs give the same number. */
static void make_tries(struct try *tries)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	for (int i = 0; rng && i < TRIES; i++) {
		tries[i].shift = gsl_ran_ugaussian(rng);
		tries[i].spread = gsl_ran_ugaussian(rng);
		tries[i].seen_shift = gsl_ran_ugaussian(rng);
		tries[i].seen_spread = gsl_ran_ugaussian(rng);
	}
	gsl_rng_free(rng);
}

/* A chi-squared number over its degrees of freedom (Wilson and Hilferty). */
static double relative_variance(double normal, double freedom)
{
	double part = 2 / (9 * freedom), root = 1 - part + normal * sqrt(part);

	return fmax(root * root * root, 1e-3);
}

/*
 * The share of fresh experiments with `n` values that give a verdict. The shift and the spread that
 * were seen are estimates: each try draws the true ones that they allow, and the experiment's own
 * estimates of these.
 */
static double power_of(const struct shift *shift, const struct try *tries, double n, double margin,
		       double alpha)
{
	/* A part of a value may be trimmed, so that more values never are worse. */
	double h = n - 0.4 * n, freedom = (shift->paired ? 1 : 2) * (h - 1);
	double now = inference_factor(shift->n, inference_kept(shift->n));
	double narrower = sqrt(inference_factor(n, h) / now);
	double before = inference_widening(shift->n, inference_kept(shift->n));
	double wide = gsl_cdf_tdist_Pinv(0.975, freedom);
	double critical = gsl_cdf_tdist_Pinv(1 - alpha / 2, freedom);
	int settled = 0;

	if (shift->paired)
		narrower *= inference_widening(n, h) / before;
	for (int i = 0; i < TRIES; i++) {
		double error =
			shift->error / sqrt(relative_variance(tries[i].spread, shift->freedom));
		double truth = shift->log + error * tries[i].shift;
		double fresh = error * narrower;
		double off = fabs(truth + fresh * tries[i].seen_shift);
		double seen = fresh * sqrt(relative_variance(tries[i].seen_spread, freedom));

		settled += off + wide * seen + shift->blur <= log1p(margin) ||
			   off - shift->blur >= critical * seen;
	}
	return (double)settled / TRIES;
}

double shift_needed(const struct shift *shift, double margin, double alpha)
{
	double low = 5, high = 5;
	struct try tries[TRIES] = {0};

	if (isnan(shift->error))
		return NAN;
	if (!(shift->error > 0)) /* only the clock's step hides the difference */
		return INFINITY;
	make_tries(tries);
	while (power_of(shift, tries, high, margin, alpha) < POWER) {
		low = high;
		high *= 2;
		if (high > MAX_NEEDED)
			return INFINITY;
	}
	while (high - low > 1) {
		double middle = floor((low + high) / 2);

		if (power_of(shift, tries, middle, margin, alpha) >= POWER)
			high = middle;
		else
			low = middle;
	}
	return fmax(high, shift->n + 1.0); /* `shift->n` values did not suffice */
}

double shift_detectable(const struct shift *shift, double n, double alpha)
{
	double h = n - 0.4 * n, freedom = (shift->paired ? 1 : 2) * (h - 1), error;

	if (isnan(shift->error) || !(freedom > 0))
		return NAN;
	error = shift->error *
		sqrt(inference_factor(n, h) / inference_factor(shift->n, inference_kept(shift->n)));
	if (shift->paired)
		error *= inference_widening(n, h) /
			 inference_widening(shift->n, inference_kept(shift->n));
	return (gsl_cdf_tdist_Pinv(1 - alpha / 2, freedom) + gsl_cdf_tdist_Pinv(0.8, freedom)) *
		       error +
	       shift->blur;
}
