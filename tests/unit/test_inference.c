// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../truth/cases.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-6 * fabs(b) + 1e-12)
#define SAMPLE(...)                                                             \
	{                                                                       \
		(double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / 8, 0 \
	}

static void test_welch_has_the_known_answer(void **state)
{
	struct sample base = SAMPLE(1, 2, 3, 4), now = SAMPLE(2, 4, 6);
	struct shift shift;

	(void)state;
	shift_welch(&base, &now, &shift);
	/* Means 2.5 and 4; variances 5/3 and 4; error^2 = 5/12 + 4/3 = 1.75. */
	NEAR(shift.log, 1.5);
	NEAR(shift.error, sqrt(1.75));
	/* 1.75^2 / ((5/12)^2 / 3 + (4/3)^2 / 2) = 3.234719 degrees; t = 3.058164, p = 0.333896. */
	assert_true(fabs(shift.high - (1.5 + 3.0582 * sqrt(1.75))) < 0.01);
	assert_true(fabs(shift.p - 0.334) < 0.002);
	assert_int_equal(shift.n, 3);
}

static void test_one_value_has_no_interval(void **state)
{
	struct sample base = SAMPLE(1, 2), one = SAMPLE(5), none = {NULL, 0, 0};
	struct shift shift;

	(void)state;
	shift_welch(&base, &one, &shift);
	NEAR(shift.log, 3.5);
	assert_true(isnan(shift.low) && isnan(shift.high) && isnan(shift.p));
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_UNCLEAR);
	assert_true(isnan(shift_needed(&shift, 0.01, 0.05)));
	shift_welch(&base, &none, &shift);
	assert_true(isnan(shift.log) && isnan(shift.p));
}

static void test_equal_values_differ_by_more_than_the_clock_hides(void **state)
{
	struct sample base = SAMPLE(1, 1, 1), now = SAMPLE(1.02, 1.02, 1.02);
	struct shift shift;

	(void)state;
	shift_welch(&base, &base, &shift);
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_SAME);
	shift_welch(&base, &now, &shift);
	assert_int_equal(shift_verdict(&shift, shift.p, 0.01), VERDICT_SLOWER);
	base.blur = 0.015;
	now.blur = 0.015;
	shift_welch(&base, &now, &shift);
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

static void test_needed_is_the_least_number_that_settles_it(void **state)
{
	/* Spread 0.02: for a shift of 0 the interval is inside 1 % when t * 0.02 * sqrt(2 / n) is
	 * below 0.00995: n = 32 gives 0.00999, n = 33 0.00984. */
	struct shift shift = {.log = 0, .error = 0.02 * sqrt(2 / 10.0), .n = 10};
	double fewer;

	(void)state;
	NEAR(shift_needed(&shift, 0.01, 0.05), 33.0);
	/* A wider margin needs fewer, a smaller alpha for a real shift more. */
	assert_true(shift_needed(&shift, 0.02, 0.05) < 33);
	shift.log = 0.03;
	fewer = shift_needed(&shift, 0.01, 0.05);
	assert_true(fewer > 2 && fewer < shift_needed(&shift, 0.01, 0.001));
	/* A shift of 0.03 against t(0.975) * 0.02 * sqrt(2 / n): 0.0346 for n = 4, 0.0292 for 5. */
	shift = (struct shift){.log = 0.03, .error = 0.02, .n = 2};
	NEAR(shift_needed(&shift, 0.001, 0.05), 5.0);
	/* The formula gives two values, but ten did not suffice. */
	shift = (struct shift){.log = 0, .error = 1e-6, .n = 10};
	NEAR(shift_needed(&shift, 0.01, 0.05), 11.0);
}

static void test_bootstrap_is_near_and_repeats(void **state)
{
	struct sample base = SAMPLE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	struct sample now = SAMPLE(5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
	double low, high, again, other;
	struct shift shift;

	(void)state;
	shift_bootstrap(&base, &now, &low, &high);
	shift_bootstrap(&base, &now, &again, &other);
	assert_true(low == again && high == other);
	shift_welch(&base, &now, &shift);
	/* The bootstrap of few values is known to be too narrow. */
	assert_true(low > shift.low && high < shift.high && low < 5 && high > 5);
	assert_true(high - low > 0.7 * (shift.high - shift.low));
	now.n = 1;
	shift_bootstrap(&base, &now, &low, &high);
	assert_true(isnan(low) && isnan(high));
}

static void test_values_are_spread_over_the_step(void **state)
{
	static struct histogram histogram;
	double share;

	(void)state;
	histogram_reset(&histogram);
	assert_true(isnan(medians_spread(&histogram, 26, &share)));
	for (int i = 0; i < 10; i++)
		histogram_add(&histogram, 260);
	NEAR(round(medians_spread(&histogram, 26, &share) * 1e3), 260e3);
	assert_true(share > 0.999);
	/* 10 in [247, 273), 30 in [273, 299): the median is a third into the second. */
	for (int i = 0; i < 30; i++)
		histogram_add(&histogram, 286);
	assert_true(fabs(medians_spread(&histogram, 26, &share) - (273 + 26 / 3.0)) < 0.01);
	/* A step round it: 30 x (1/3 + 1/2) and 10 x 1/6 of 40. */
	assert_true(fabs(share - (25 + 10 / 6.0) / 40) < 0.01);
}

/* 200 trials allow wide bounds only, which catch gross errors. */
static void test_rates_hold(void **state)
{
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_welch_has_the_known_answer),
		cmocka_unit_test(test_one_value_has_no_interval),
		cmocka_unit_test(test_equal_values_differ_by_more_than_the_clock_hides),
		cmocka_unit_test(test_holm_has_the_known_answer),
		cmocka_unit_test(test_same_is_what_lies_inside_the_margin),
		cmocka_unit_test(test_needed_is_the_least_number_that_settles_it),
		cmocka_unit_test(test_bootstrap_is_near_and_repeats),
		cmocka_unit_test(test_values_are_spread_over_the_step),
		cmocka_unit_test(test_rates_hold),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
