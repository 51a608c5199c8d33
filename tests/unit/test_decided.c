// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of `exitstorm ab`: what looking again and again costs, on pairs with a known shift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "../../analysis/stats/power.h"
#include "../../bench/session/decided.h"

#define ROUNDS 100
#define TRIALS 1000
#define MARGIN 0.01

struct ending {
	u32 rounds;
	enum verdict verdict; /* of the final comparison */
	bool decided;
};

/* One experiment: pairs with this mean and spread, by the rule of cmd_ab. */
static struct ending experiment(gsl_rng *rng, double shift_by, double spread)
{
	double base[ROUNDS], now[ROUNDS];
	struct ending ending = {0};
	struct shift shift = {0};

	for (u32 n = 1; n <= ROUNDS && !ending.decided; n++) {
		struct sample left = {base, NULL, n, 0}, right = {now, NULL, n, 0};

		base[n - 1] = gsl_ran_gaussian(rng, 0.1);
		now[n - 1] = base[n - 1] + shift_by + gsl_ran_gaussian(rng, spread);
		ending.rounds = n;
		if (n % 2 || n < DECIDED_REPEATS)
			continue;
		shift_paired(&left, &right, &shift);
		ending.decided = decided(&shift, shift.p, MARGIN);
	}
	ending.verdict = shift_verdict(&shift, shift.p, MARGIN);
	return ending;
}

static u32 count(double shift_by, double spread, enum verdict verdict, u32 *rounds)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	u32 hits = 0;

	*rounds = 0;
	for (int i = 0; i < TRIALS; i++) {
		struct ending ending = experiment(rng, shift_by, spread);

		hits += ending.verdict == verdict;
		*rounds += ending.rounds;
	}
	gsl_rng_free(rng);
	*rounds /= TRIALS;
	return hits;
}

/* So wide that they are never called the same: 5 % of the last look, and what the others add. */
static void test_looking_often_adds_few_alarms(void **state)
{
	u32 rounds, alarms;

	(void)state;
	alarms = count(0, 0.1, VERDICT_SLOWER, &rounds);
	alarms += count(0, 0.1, VERDICT_FASTER, &rounds);
	assert_in_range(alarms, 0.025 * TRIALS, 0.075 * TRIALS);
	assert_in_range(rounds, 90, ROUNDS);
}

static void test_equal_pairs_are_called_the_same(void **state)
{
	u32 rounds;

	(void)state;
	assert_in_range(count(0, 0.01, VERDICT_SAME, &rounds), 0.99 * TRIALS, TRIALS);
	assert_in_range(rounds, 10, 60);
}

static void test_a_shift_is_found_early(void **state)
{
	u32 rounds;

	(void)state;
	assert_in_range(count(log1p(0.025), 0.01, VERDICT_SLOWER, &rounds), 0.99 * TRIALS, TRIALS);
	assert_in_range(rounds, DECIDED_REPEATS, 16);
	assert_in_range(count(log1p(-0.025), 0.01, VERDICT_FASTER, &rounds), 0.99 * TRIALS, TRIALS);
}

/* A difference said to be detectable is found in four of five fresh experiments. */
static void test_the_detectable_difference_is_detected(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double base[20] = {0}, now[20], apart;
	struct sample left = {base, NULL, 20, 0}, right = {now, NULL, 20, 0};
	struct shift shift;
	u32 hits = 0;

	(void)state;
	/* Quantiles of the normal distribution: a spread of 1 %, neither lucky nor not. */
	for (int i = 0; i < 20; i++)
		now[i] = 0.01 * gsl_cdf_ugaussian_Pinv((i + 0.5) / 20);
	shift_paired(&left, &right, &shift);
	apart = shift_detectable(&shift, 20, INFERENCE_ALPHA);
	assert_true(apart > 0.005 && apart < 0.009);
	for (int trial = 0; trial < TRIALS; trial++) {
		for (int i = 0; i < 20; i++)
			now[i] = apart + gsl_ran_gaussian(rng, 0.01);
		shift_paired(&left, &right, &shift);
		hits += shift.p < INFERENCE_ALPHA;
	}
	gsl_rng_free(rng);
	assert_in_range(hits, 0.74 * TRIALS, 0.88 * TRIALS);
	shift.error = NAN;
	assert_true(isnan(shift_detectable(&shift, 20, INFERENCE_ALPHA)));
}

static void test_no_spread_is_no_reason_to_wait(void **state)
{
	struct shift same = {.log = 0, .error = 0, .p = 1}, none = {.error = NAN, .p = NAN};
	struct shift coarse = {.log = 0, .error = 0, .p = 1, .blur = 0.02};

	(void)state;
	assert_true(decided(&same, 1, MARGIN));
	assert_false(decided(&none, NAN, MARGIN));
	assert_false(decided(&coarse, 1, MARGIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looking_often_adds_few_alarms),
		cmocka_unit_test(test_equal_pairs_are_called_the_same),
		cmocka_unit_test(test_a_shift_is_found_early),
		cmocka_unit_test(test_the_detectable_difference_is_detected),
		cmocka_unit_test(test_no_spread_is_no_reason_to_wait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
