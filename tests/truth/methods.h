/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Methods that give an interval for the difference of two sets of repeats: those of compare, and
 * those that it was chosen from.
 */
#ifndef TESTS_TRUTH_METHODS_H
#define TESTS_TRUTH_METHODS_H

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "../../analysis/stats/inference.h"
#include "../../analysis/stats/power.h"
#include "../../analysis/stats/serial.h"
#include "repeats.h"

#define METHODS_MAX 64 /* repeats, where all pairs of them are compared */

enum method {
	WELCH,
	YUEN_WELCH,
	NOT_SERIAL,
	HODGES_LEHMANN,
	PAIRED_T,
	PAIRED_TRIMMED,
	PAIRED_HL,
	METHODS
};
static const char *const method_name[METHODS] = {
	"Welch",    "Yuen-Welch",     "Yuen-Welch, not serial", "Hodges-Lehmann",
	"paired t", "paired trimmed", "paired Hodges-Lehmann",
};

static inline void method_t(double centre, double error, double freedom, struct shift *shift)
{
	double half = gsl_cdf_tdist_Pinv(0.975, freedom) * error;

	*shift = (struct shift){.log = centre, .low = centre - half, .high = centre + half};
	shift->p = 2 * gsl_cdf_tdist_Q(fabs(centre) / error, freedom);
}

static inline void method_welch(const struct repeats *of, struct shift *shift)
{
	double left = gsl_stats_variance(of->left, 1, of->n) / of->n;
	double right = gsl_stats_variance(of->right, 1, of->n) / of->n;

	method_t(gsl_stats_mean(of->right, 1, of->n) - gsl_stats_mean(of->left, 1, of->n),
		 sqrt(left + right),
		 (left + right) * (left + right) * (of->n - 1) / (left * left + right * right),
		 shift);
}

static inline void method_paired_t(const struct repeats *of, struct shift *shift)
{
	double difference[METHODS_MAX];

	for (int i = 0; i < of->n; i++)
		difference[i] = of->right[i] - of->left[i];
	method_t(gsl_stats_mean(difference, 1, of->n),
		 gsl_stats_sd(difference, 1, of->n) / sqrt(of->n), of->n - 1, shift);
}

/* `mean`, `sd`: of the rank statistic whose inversion gives the interval, without ties. */
static inline void method_ranks(double *all, int n, double mean, double sd, struct shift *shift)
{
	int low = floor(mean - 1.96 * sd);

	gsl_sort(all, 1, n);
	*shift = (struct shift){
		.log = gsl_stats_median_from_sorted_data(all, 1, n),
		.low = all[low < 0 ? 0 : low],
		.high = all[low < 0 ? n - 1 : n - 1 - low],
	};
	/* Below 0.05 or not is all that a verdict asks for. */
	shift->p = shift->low <= 0 && shift->high >= 0 ? 1 : 0.01;
}

static inline void method_hodges_lehmann(const struct repeats *of, struct shift *shift)
{
	static double all[METHODS_MAX * METHODS_MAX];
	double n = of->n;

	for (int i = 0; i < of->n * of->n; i++)
		all[i] = of->right[i / of->n] - of->left[i % of->n];
	method_ranks(all, of->n * of->n, n * n / 2, sqrt(n * n * (2 * n + 1) / 12), shift);
}

static inline void method_paired_hl(const struct repeats *of, struct shift *shift)
{
	static double all[METHODS_MAX * METHODS_MAX];
	double n = of->n;
	int count = 0;

	for (int i = 0; i < of->n; i++)
		for (int j = i; j < of->n; j++)
			all[count++] =
				(of->right[i] - of->left[i] + of->right[j] - of->left[j]) / 2;
	method_ranks(all, count, n * (n + 1) / 4, sqrt(n * (n + 1) * (2 * n + 1) / 24), shift);
}

static inline void method_trimmed(const struct repeats *of, struct shift *shift, bool paired)
{
	struct sample base = {.log = (double *)of->left, .n = of->n};
	struct sample now = {.log = (double *)of->right, .n = of->n};

	if (paired)
		shift_paired(&base, &now, shift);
	else
		shift_unpaired(&base, &now, shift);
}

/* As compare judges unpaired runs: no verdict if repeats follow each other. */
static inline void method_not_serial(const struct repeats *of, struct shift *shift)
{
	struct sample base = {.log = (double *)of->left, .n = of->n};
	struct sample now = {.log = (double *)of->right, .n = of->n};

	shift_unpaired(&base, &now, shift);
	if (samples_are_serial(&base, &now))
		shift->p = 1;
}

static inline void method_apply(enum method method, const struct repeats *of, struct shift *shift)
{
	switch (method) {
	case WELCH:
		method_welch(of, shift);
		break;
	case HODGES_LEHMANN:
		method_hodges_lehmann(of, shift);
		break;
	case NOT_SERIAL:
		method_not_serial(of, shift);
		break;
	case PAIRED_T:
		method_paired_t(of, shift);
		break;
	case PAIRED_HL:
		method_paired_hl(of, shift);
		break;
	default:
		method_trimmed(of, shift, method == PAIRED_TRIMMED);
	}
}

/* Fractions of all trials. */
struct method_rates {
	double alarms, covered; /* equal sides */
	double found, covered_shift;
	double half; /* mean half-width of the interval; a logarithm */
};

static inline struct method_rates method_rates(enum method method, enum dirt dirt, bool in_turn,
					       bool tails, int n, double truth, unsigned int trials,
					       unsigned long seed)
{
	void (*make)(struct repeats *, enum dirt, double, gsl_rng *) =
		in_turn ? repeats_in_turn : repeats_apart;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct method_rates rates = {0};

	gsl_rng_set(rng, seed);
	for (unsigned int i = 0; i < trials; i++) {
		struct repeats repeats = {.n = n};
		struct shift none, some;
		enum verdict verdict;

		make(&repeats, dirt, 0, rng);
		if (tails)
			repeats_tails(&repeats, rng);
		method_apply(method, &repeats, &none);
		make(&repeats, dirt, truth, rng);
		if (tails)
			repeats_tails(&repeats, rng);
		method_apply(method, &repeats, &some);
		verdict = shift_verdict(&none, none.p, 0.01);
		rates.alarms += verdict == VERDICT_FASTER || verdict == VERDICT_SLOWER;
		rates.covered += none.low <= 0 && none.high >= 0;
		rates.found += shift_verdict(&some, some.p, 0.01) == VERDICT_SLOWER;
		rates.covered_shift += some.low <= truth && some.high >= truth;
		rates.half += (some.high - some.low) / 2;
	}
	gsl_rng_free(rng);
	rates.alarms /= trials;
	rates.covered /= trials;
	rates.found /= trials;
	rates.covered_shift /= trials;
	rates.half /= trials;
	return rates;
}

/* How often a fresh experiment with the number of repeats that compare names gives a verdict. */
struct power_rates {
	double settled; /* of those that were unclear */
	double needed;	/* geometric mean of the numbers */
	unsigned int unclear;
};

static inline struct power_rates power_rates(enum dirt dirt, bool in_turn, int n, double truth,
					     unsigned int trials, unsigned long seed)
{
	void (*make)(struct repeats *, enum dirt, double, gsl_rng *) =
		in_turn ? repeats_in_turn : repeats_apart;
	enum method method = in_turn ? PAIRED_TRIMMED : YUEN_WELCH;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct power_rates rates = {0};
	static struct repeats first, fresh;

	gsl_rng_set(rng, seed);
	for (unsigned int i = 0; i < 20 * trials && rates.unclear < trials; i++) {
		struct shift shift;
		double needed;

		first.n = n;
		make(&first, dirt, truth, rng);
		method_apply(method, &first, &shift);
		if (shift_verdict(&shift, shift.p, 0.01) != VERDICT_UNCLEAR)
			continue;
		needed = shift_needed(&shift, 0.01, INFERENCE_ALPHA);
		rates.unclear++;
		rates.needed += log(needed);
		fresh.n = needed < REPEATS_MAX ? needed : REPEATS_MAX;
		make(&fresh, dirt, truth, rng);
		method_apply(method, &fresh, &shift);
		rates.settled += shift_verdict(&shift, shift.p, 0.01) != VERDICT_UNCLEAR;
	}
	gsl_rng_free(rng);
	rates.settled /= rates.unclear ? rates.unclear : 1;
	rates.needed = exp(rates.needed / (rates.unclear ? rates.unclear : 1));
	return rates;
}

#endif
