/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Synthetic repeats with a known difference, and the rate of right verdicts of the comparison.
 * Shared by `make truth` and the short test of `make check`.
 */
#ifndef TESTS_TRUTH_CASES_H
#define TESTS_TRUTH_CASES_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "../../analysis/stats/inference.h"
#include "../../analysis/stats/buckets.h"

#define TRUTH_REPEATS 10
#define TRUTH_TICKS   2600.0 /* cost of an operation: a step of 26 ticks is 1 % of it */
#define TRUTH_BETWEEN 0.008  /* standard deviation between repeats */
#define TRUTH_SHIFT   0.02
#define TRUTH_MARGIN  0.01

enum noise { PLAIN, AUTOCORRELATED, DRIFTING, HEAVY_TAILED, INTERRUPTED, NOISES };
static const char *const noise_name[NOISES] = {"plain", "autocorrelated", "drifting",
					       "heavy-tailed", "interrupted"};

struct truth_case {
	enum noise noise;
	double within; /* spread of the records of a repeat */
	double step;   /* of the clock, in ticks */
};

/*
 * With an autocorrelation of 0.9 only one record in 19 is independent of the others: few records
 * would spread the medians by more than TRUTH_BETWEEN.
 */
static const unsigned int truth_records[NOISES] = {
	[PLAIN] = 400,	      [AUTOCORRELATED] = 2000, [DRIFTING] = 400,
	[HEAVY_TAILED] = 400, [INTERRUPTED] = 400,
};

/* The median of a repeat, as compare computes it with a coarse clock. */
static inline double truth_median(const struct histogram *histogram, double step, double *share)
{
	static struct bucket_count bucket[HISTOGRAM_BUCKETS];
	size_t used = 0;

	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->bucket[i])
			bucket[used++] = (struct bucket_count){i, histogram->bucket[i]};
	return buckets_spread_median(bucket, used, histogram->count, step, share);
}

struct truth_rates {
	double alarms, found, covered, covered_shift; /* fractions of all trials */
};

/* One record's relative latency. *state: the autocorrelated part of the record before. */
static inline double truth_record(const struct truth_case *of, gsl_rng *rng, unsigned int i,
				  double *state)
{
	double white = gsl_ran_gaussian_ziggurat(rng, of->within);

	switch (of->noise) {
	case AUTOCORRELATED:
		*state = 0.9 * *state + sqrt(1 - 0.81) * white;
		return exp(*state);
	case DRIFTING:
		return exp(white + 0.02 * (i / (double)truth_records[DRIFTING] - 0.5));
	case HEAVY_TAILED: /* Pareto: its variance is infinite */
		return exp(white) + of->within * (gsl_ran_pareto(rng, 1.5, 1) - 1);
	case INTERRUPTED:
		return exp(white) + (gsl_rng_uniform(rng) < 1 / 3000.0 ? 20 : 0);
	default:
		return exp(white);
	}
}

/* The logarithm of a repeat's median, as compare computes it. Adds the clock's variance to *blur.
 */
static inline double truth_repeat(const struct truth_case *of, gsl_rng *rng, double ratio,
				  struct histogram *histogram, double *blur)
{
	double centre = TRUTH_TICKS * ratio * exp(gsl_ran_gaussian_ziggurat(rng, TRUTH_BETWEEN));
	double state = gsl_ran_gaussian_ziggurat(rng, of->within), share, median;

	histogram_reset(histogram);
	for (unsigned int i = 0; i < truth_records[of->noise]; i++) {
		double ticks = centre * truth_record(of, rng, i, &state);

		/* Both stamps are rounded down to a step of the clock. */
		double begin = gsl_rng_uniform(rng) * of->step;

		histogram_add(histogram, floor((begin + ticks) / of->step) * of->step);
	}
	median = truth_median(histogram, fmax(of->step, 4), &share);
	*blur += fmax(of->step, 4) / 2 * share * share / median / TRUTH_REPEATS;
	return log(median);
}

static inline struct shift truth_trial(const struct truth_case *of, gsl_rng *rng, double ratio,
				       struct histogram *histogram)
{
	double left[TRUTH_REPEATS], right[TRUTH_REPEATS];
	struct sample base = {.log = left, .n = TRUTH_REPEATS};
	struct sample now = {.log = right, .n = TRUTH_REPEATS};
	struct shift shift;

	for (int i = 0; i < TRUTH_REPEATS; i++) {
		left[i] = truth_repeat(of, rng, 1, histogram, &base.blur);
		right[i] = truth_repeat(of, rng, ratio, histogram, &now.blur);
	}
	shift_unpaired(&base, &now, &shift);
	return shift;
}

static inline struct truth_rates truth_rates(const struct truth_case *of, unsigned int trials,
					     unsigned long seed)
{
	static struct histogram histogram;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct truth_rates rates = {0};

	gsl_rng_set(rng, seed);
	for (unsigned int i = 0; i < trials; i++) {
		struct shift none = truth_trial(of, rng, 1, &histogram);
		struct shift some = truth_trial(of, rng, 1 + TRUTH_SHIFT, &histogram);
		enum verdict verdict = shift_verdict(&none, none.p, TRUTH_MARGIN);
		double truth = log1p(TRUTH_SHIFT);

		rates.alarms += verdict == VERDICT_FASTER || verdict == VERDICT_SLOWER;
		rates.found += shift_verdict(&some, some.p, TRUTH_MARGIN) == VERDICT_SLOWER;
		rates.covered += none.low <= 0 && none.high >= 0;
		rates.covered_shift += some.low <= truth && some.high >= truth;
	}
	gsl_rng_free(rng);
	rates.alarms /= trials;
	rates.found /= trials;
	rates.covered /= trials;
	rates.covered_shift /= trials;
	return rates;
}

/* The bound that a true rate of `rate` exceeds in one of a thousand sets of trials. */
static inline double truth_bound(double rate, unsigned int trials)
{
	return 3.09 * sqrt(rate * (1 - rate) / trials);
}

#endif
