// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../truth/cases.h"
#include "../truth/methods.h"
#include "../../analysis/stats/rate.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-6 * fabs(b) + 1e-12)
#define SAMPLE(...)                                                                   \
	{                                                                             \
		(double[]){__VA_ARGS__}, NULL, sizeof((double[]){__VA_ARGS__}) / 8, 0 \
	}

static void test_few_values_give_welch(void **state)
{
	struct sample base = SAMPLE(1, 2, 3, 4), now = SAMPLE(2, 4, 6);
	struct shift shift;

	(void)state;
	shift_unpaired(&base, &now, &shift);
	/* Means 2.5 and 4; variances 5/3 and 4; error^2 = 5/12 + 4/3 = 1.75. */
	NEAR(shift.log, 1.5);
	NEAR(shift.error, sqrt(1.75));
	/* 1.75^2 / ((5/12)^2 / 3 + (4/3)^2 / 2) = 3.234719 degrees; t = 3.058164, p = 0.333896. */
	assert_true(fabs(shift.high - (1.5 + 3.0582 * sqrt(1.75))) < 0.01);
	assert_true(fabs(shift.p - 0.334) < 0.002);
	assert_int_equal(shift.n, 3);
}

/* 3..8 stay: mean 5.5. Winsorised squares: 42.5, so error^2 = 42.5 / 9 x 9 / (6 x 5). */
#define TEN 1, 2, 3, 4, 5, 6, 7, 8, 9, 100

static void test_trimming_has_the_known_answer(void **state)
{
	struct sample base = SAMPLE(TEN), now = SAMPLE(110, 11, 12, 13, 14, 15, 16, 17, 18, 19);
	struct shift shift;

	(void)state;
	NEAR(sample_centre(&base), 5.5);
	shift_unpaired(&base, &now, &shift);
	NEAR(shift.log, 10.0);
	NEAR(shift.error, sqrt(2 * 42.5 / 30));
	/* t(0.975) is 2.228139 for 2 x 5 degrees. */
	assert_true(fabs(shift.high - shift.log - 2.228139 * shift.error) < 1e-5);
	assert_false(shift.paired);
}

static void test_a_centre_has_the_known_interval(void **state)
{
	struct sample ten = SAMPLE(TEN), two = SAMPLE(4.605170185988092, 4.795790545596741);
	struct sample one = SAMPLE(5), equal = SAMPLE(3, 3, 3), none = {NULL, NULL, 0, 0};
	double low, high;

	(void)state;
	sample_interval(&ten, &low, &high);
	/* Four of ten are cut off, six stay. */
	assert_true(fabs(high - 5.5 - 2.570582 * sqrt(42.5 / 30) * (1 + 2 / 36.0)) < 1e-5);
	NEAR(high + low, 11.0);
	/* The logarithms of 100 and 121; t(1, 0.975) is 12.706. */
	sample_interval(&two, &low, &high);
	assert_true(fabs(exp(low) - 32.76791) < 1e-3 && fabs(exp(high) - 369.26370) < 1e-3);
	/* Equal values are as far apart as the clock's step allows. */
	equal.blur = 0.25;
	sample_interval(&equal, &low, &high);
	assert_true(low == 2.75 && high == 3.25);
	sample_interval(&one, &low, &high);
	assert_true(isnan(low) && isnan(high));
	sample_interval(&none, &low, &high);
	assert_true(isnan(low) && isnan(high));
}

static void test_pairs_have_the_known_answer(void **state)
{
	/* Differences of 1..9 and 100, whatever both sides of a pair share. */
	struct sample base = SAMPLE(50, 0, -7, 80, 3, 3, 90, 1, -40, 5), now = base;
	double difference[] = {TEN}, both[10];
	struct shift shift;

	(void)state;
	for (int i = 0; i < 10; i++)
		both[i] = base.log[i] + difference[i];
	now.log = both;
	now.blur = 0.25;
	shift_paired(&base, &now, &shift);
	NEAR(shift.log, 5.5);
	NEAR(shift.error, sqrt(42.5 / 30) * (1 + 2 / 36.0));
	/* t(0.975) is 2.570582 for 5 degrees. */
	assert_true(fabs(shift.high - 5.75 - 2.570582 * shift.error) < 1e-5);
	assert_true(fabs(5.25 - shift.low - 2.570582 * shift.error) < 1e-5);
	assert_true(shift.paired && shift.n == 10);
}

static void test_a_value_without_a_partner_is_left_out(void **state)
{
	struct sample base = SAMPLE(1, 2, 3, 4), now = SAMPLE(12, 24, 90);
	u64 left[] = {0, 1, 3, 7}, right[] = {1, 3, 5}, apart[] = {8, 9, 10};
	double low, high;
	struct shift shift;

	(void)state;
	base.repeat = left;
	now.repeat = right;
	shift_paired(&base, &now, &shift); /* 12 - 2 and 24 - 3 */
	assert_int_equal(shift.n, 2);
	NEAR(shift.log, 15.5);
	shift_bootstrap(&base, &now, true, &low, &high);
	assert_true(low == 10 && high == 21);
	now.repeat = apart;
	shift_paired(&base, &now, &shift);
	assert_int_equal(shift.n, 0);
	assert_true(isnan(shift.log) && isnan(shift.low) && isnan(shift.p));
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_UNCLEAR);
	assert_true(isnan(shift_needed(&shift, 0.01, 0.05)));
	shift_bootstrap(&base, &now, true, &low, &high);
	assert_true(isnan(low) && isnan(high));
}

static void test_one_value_has_no_interval(void **state)
{
	struct sample base = SAMPLE(1, 2), one = SAMPLE(5), none = {NULL, NULL, 0, 0};
	struct shift shift;

	(void)state;
	shift_unpaired(&base, &one, &shift);
	NEAR(shift.log, 3.5);
	assert_true(isnan(shift.low) && isnan(shift.high) && isnan(shift.p));
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_UNCLEAR);
	assert_true(isnan(shift_needed(&shift, 0.01, 0.05)));
	shift_unpaired(&base, &none, &shift);
	assert_true(isnan(shift.log) && isnan(shift.p));
}

static void test_equal_values_differ_by_more_than_the_clock_hides(void **state)
{
	struct sample base = SAMPLE(1, 1, 1), now = SAMPLE(1.02, 1.02, 1.02);
	struct shift shift;

	(void)state;
	shift_unpaired(&base, &base, &shift);
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_SAME);
	shift_unpaired(&base, &now, &shift);
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_SLOWER);
	base.blur = 0.015;
	now.blur = 0.015;
	shift_unpaired(&base, &now, &shift);
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_UNCLEAR);
	NEAR(shift.low, 0.02 - 0.03);
	/* No number of repeats helps. */
	assert_true(isinf(shift_needed(&shift, 0.01, 0.05)));
}

static void test_holm_has_the_known_answer(void **state)
{
	double p[] = {0.01, NAN, 0.04, 0.03, 0.005, 0.9};

	(void)state;
	assert_int_equal(holm_adjust(p, 6), 0);
	NEAR(p[4], 0.025);
	NEAR(p[0], 0.04);
	NEAR(p[3], 0.09);
	NEAR(p[2], 0.09); /* 0.04 x 2 is below the p before it */
	NEAR(p[5], 0.9);
	assert_true(isnan(p[1]));
	assert_int_equal(holm_adjust(p, 0), 0);
}

static void test_same_is_what_lies_inside_the_margin(void **state)
{
	struct shift shift = {.log = 0.005, .low = 0.002, .high = 0.008, .p = 0.0001};

	(void)state;
	/* Significant, but too small to matter. */
	assert_int_equal(shift_verdict(&shift, 0.0001, 0.01), VERDICT_SAME);
	assert_int_equal(shift_verdict(&shift, 0.0001, 0.005), VERDICT_SLOWER);
	assert_int_equal(shift_verdict(&shift, 0.06, 0.005), VERDICT_UNCLEAR);
	shift.log = -0.005;
	assert_int_equal(shift_verdict(&shift, 0.0001, 0.005), VERDICT_FASTER);
}

static void test_needed_rises_with_what_is_asked_for(void **state)
{
	struct shift shift = {.error = 0.02 * sqrt(2 / 10.0), .freedom = 10, .n = 10},
		     settled = shift;
	double same, fewer;

	(void)state;
	same = shift_needed(&shift, 0.01, 0.05);
	/* Where shift and spread are known, 32 repeats have an interval within the margin. */
	assert_true(same > 32 && same < 200);
	assert_true(same == shift_needed(&shift, 0.01, 0.05));
	/* A wider margin needs fewer, a smaller alpha for a real shift more. */
	assert_true(shift_needed(&shift, 0.02, 0.05) < same);
	shift.log = 0.03;
	fewer = shift_needed(&shift, 0.01, 0.05);
	assert_true(fewer > 10 && fewer < shift_needed(&shift, 0.01, 0.001));
	/* A spread that is known less well needs more. */
	settled.freedom = 4;
	assert_true(shift_needed(&settled, 0.01, 0.05) > same);
	/* A formula gives two values, but ten did not suffice. */
	shift = (struct shift){.log = 0, .error = 1e-6, .freedom = 10, .n = 10};
	NEAR(shift_needed(&shift, 0.01, 0.05), 11.0);
	shift.error = 0;
	assert_true(isinf(shift_needed(&shift, 0.01, 0.05)));
}

/* 200 trials: the sample of make truth for make check. */
static void test_the_number_that_is_named_settles_it(void **state)
{
	static const double truth[] = {0, 0.005};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct power_rates rates = power_rates(CLEAN, i, 10, truth[i], 200, 1);

		assert_int_equal(rates.unclear, 200);
		assert_true(rates.settled >= 0.8 - truth_bound(0.8, 200));
		/* More than 95 % would be bought by too many repeats. */
		assert_true(rates.settled < 1 && rates.needed < 60);
	}
}

static void test_bootstrap_is_near_and_repeats(void **state)
{
	struct sample base = SAMPLE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	struct sample now = SAMPLE(5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
	double low, high, again, other;
	struct shift shift;

	(void)state;
	shift_bootstrap(&base, &now, false, &low, &high);
	shift_bootstrap(&base, &now, false, &again, &other);
	assert_true(low == again && high == other);
	shift_unpaired(&base, &now, &shift);
	/* The bootstrap of few values is known to be too narrow. */
	assert_true(low > shift.low && high < shift.high && low < 5 && high > 5);
	assert_true(high - low > 0.7 * (shift.high - shift.low));
	now.n = 1;
	shift_bootstrap(&base, &now, false, &low, &high);
	assert_true(isnan(low) && isnan(high));
}

static void test_values_are_spread_over_the_step(void **state)
{
	static struct histogram histogram;
	double share;

	(void)state;
	histogram_reset(&histogram);
	assert_true(isnan(truth_median(&histogram, 26, &share)));
	for (int i = 0; i < 10; i++)
		histogram_add(&histogram, 260);
	NEAR(round(truth_median(&histogram, 26, &share) * 1e3), 260e3);
	assert_true(share > 0.999);
	/* 10 in [247, 273), 30 in [273, 299): the median is a third into the second. */
	for (int i = 0; i < 30; i++)
		histogram_add(&histogram, 286);
	assert_true(fabs(truth_median(&histogram, 26, &share) - (273 + 26 / 3.0)) < 0.01);
	/* A step round it: 30 x (1/3 + 1/2) and 10 x 1/6 of 40. */
	assert_true(fabs(share - (25 + 10 / 6.0) / 40) < 0.01);
}

/* 200 trials allow wide bounds only, which catch gross errors. */
static void test_rates_hold(void **state)
{
	static const enum dirt dirt[] = {OUTLIERS, MODES, BURST};
	static const struct truth_case cases[] = {
		{PLAIN, 0.01, 1},
		{HEAVY_TAILED, 0.05, 26},
		{PLAIN, 0.002, 26},
	};
	double bound = truth_bound(0.05, 200);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct truth_rates rates = truth_rates(&cases[i], 200, i + 1);

		assert_true(rates.alarms <= 0.05 + bound);
		assert_true(rates.found >= 0.95 - bound);
		assert_true(rates.covered >= 0.95 - bound);
		assert_true(rates.covered_shift >= 0.95 - bound);
	}
	for (int i = 0; i < 3; i++) {
		struct method_rates rates = method_rates(PAIRED_TRIMMED, dirt[i], true, false, 10,
							 log1p(0.02), 1000, i + 1);

		assert_true(rates.alarms <= 0.05 + truth_bound(0.05, 1000));
		assert_true(rates.covered >= 0.93 - truth_bound(0.07, 1000));
		assert_true(rates.covered_shift >= 0.93 - truth_bound(0.07, 1000));
		/* Without pairs or without trimming it is less than 70 % in two of these. */
		assert_true(rates.found > 0.75);
	}
}

/*
 * Of 2,000 pairs of runs with 30 independent repeats 1 % are taken for serial ones, most where the
 * machine's state outlasts a repeat, and none where the runs lie far apart.
 */
static void test_repeats_that_follow_each_other(void **state)
{
	static const struct {
		enum dirt dirt;
		double shift, low, high;
	} cases[] = {
		{CLEAN, 0, 0.004, 0.02},    {OUTLIERS, 0, 0.004, 0.02}, {SERIAL, 0, 0.38, 0.52},
		{MODES, 0, 0.65, 0.85},	    {DRIFT, 0, 0.99, 1},	{DRIFT, 0.5, 0, 0},
		{SERIAL, 0.01, 0.36, 0.52},
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double constant[6] = {1, 1, 1, 1, 1, 1}, climbing[6] = {1, 2, 3, 4, 5, 6};
	struct sample base = {.log = constant, .n = 6}, now = {.log = climbing, .n = 4};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double serial = 0;

		gsl_rng_set(rng, i + 1);
		for (int trial = 0; trial < 2000; trial++) {
			struct repeats repeats = {.n = 30};
			struct sample left = {.log = repeats.left, .n = 30};
			struct sample right = {.log = repeats.right, .n = 30};

			repeats_apart(&repeats, cases[i].dirt, cases[i].shift, rng);
			serial += samples_are_serial(&left, &right);
		}
		assert_in_range(serial, cases[i].low * 2000, cases[i].high * 2000);
	}
	gsl_rng_free(rng);
	assert_false(samples_are_serial(&base, &base)); /* as in an emulator */
	assert_false(samples_are_serial(&now, &now));	/* too few */
	now.n = 6;
	assert_true(samples_are_serial(&now, &now));
}

/* Known values of the exact interval: of 0 in 10, 1 in 20, 10 in 10. */
static void test_rates(void **state)
{
	double low, high;

	(void)state;
	rate_interval(0, 10, &low, &high);
	assert_true(low == 0 && fabs(high - 0.308497) < 1e-5);
	rate_interval(1, 20, &low, &high);
	assert_true(fabs(low - 0.001265) < 1e-5 && fabs(high - 0.248733) < 1e-5);
	rate_interval(10, 10, &low, &high);
	assert_true(fabs(low - 0.691503) < 1e-5 && high == 1);
	rate_interval(0, 0, &low, &high);
	assert_true(low == 0 && high == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_values_give_welch),
		cmocka_unit_test(test_repeats_that_follow_each_other),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_trimming_has_the_known_answer),
		cmocka_unit_test(test_a_centre_has_the_known_interval),
		cmocka_unit_test(test_pairs_have_the_known_answer),
		cmocka_unit_test(test_a_value_without_a_partner_is_left_out),
		cmocka_unit_test(test_one_value_has_no_interval),
		cmocka_unit_test(test_equal_values_differ_by_more_than_the_clock_hides),
		cmocka_unit_test(test_holm_has_the_known_answer),
		cmocka_unit_test(test_same_is_what_lies_inside_the_margin),
		cmocka_unit_test(test_needed_rises_with_what_is_asked_for),
		cmocka_unit_test(test_the_number_that_is_named_settles_it),
		cmocka_unit_test(test_bootstrap_is_near_and_repeats),
		cmocka_unit_test(test_values_are_spread_over_the_step),
		cmocka_unit_test(test_rates_hold),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
