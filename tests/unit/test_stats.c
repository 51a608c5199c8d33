// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Expected values are computed by hand, or where a comment says so by NumPy 1.24 (numpy.median,
 * .mean, .std(ddof=1), .quantile) over the same values, made by the generator below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../analysis/stats/stats.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct histogram histogram;
static struct leg_stats stats;

static void fill(const u64 *values, size_t count)
{
	histogram_reset(&histogram);
	for (size_t i = 0; i < count; i++)
		histogram_add(&histogram, values[i]);
	stats_summary(&histogram, &stats);
}

/* x' = (1103515245 x + 12345) mod 2^31, of which the upper bits are used. */
static u32 next(u32 *x)
{
	*x = (*x * 1103515245U + 12345U) & 0x7fffffff;
	return *x >> 16;
}

static void about(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance))
		fail_msg("%.12g is not %.12g within %g", value, wanted, tolerance);
}

static void test_median_of_odd_count(void **state)
{
	const u64 values[] = {3, 1, 2};

	(void)state;
	fill(values, COUNT(values));
	about(stats.p50, 2, 0);
	about(stats.mean, 2, 0);
	about(stats.stddev, 1, 1e-12);
	about(stats.mad, 1, 0);
}

static void test_median_of_even_count(void **state)
{
	const u64 values[] = {20, 10};

	(void)state;
	fill(values, COUNT(values));
	about(stats.p50, 15, 0);
	about(stats.stddev, 7.0710678118654755, 1e-12);
	about(stats.mad, 5, 0);
}

/* The median is 3, the distances from it 1, 1, 3 and 7. */
static void test_mad_between_two_distances_is_their_middle(void **state)
{
	const u64 values[] = {0, 2, 4, 10};

	(void)state;
	fill(values, COUNT(values));
	about(stats.p50, 3, 0);
	about(stats.mad, 2, 0);
}

static void test_an_outlier_moves_mean_not_median(void **state)
{
	const u64 values[] = {1, 2, 3, 4, 100};

	(void)state;
	fill(values, COUNT(values));
	about(stats.p50, 3, 0);
	about(stats.mean, 22, 0);
	about(stats.stddev, 43.617656975128774, 1e-9);
	about(stats.mad, 1, 0);
}

static void test_equal_values_have_no_spread(void **state)
{
	const u64 values[] = {22592, 22592, 22592, 22592, 22592};

	(void)state;
	fill(values, COUNT(values));
	/* Only clamping to min and max distinguishes 22592 from the rest of its bucket. */
	about(stats.min, 22592, 0);
	about(stats.p50, 22592, 0);
	about(stats.p999, 22592, 0);
	about(stats.max, 22592, 0);
	about(stats.mean, 22592, 0);
	about(stats.mad, 0, 0);
}

static void test_one_value(void **state)
{
	const u64 value = 77;

	(void)state;
	fill(&value, 1);
	assert_int_equal(stats.count, 1);
	about(stats.p50, 77, 0);
	about(stats.stddev, 0, 0);
	about(stats.mad, 0, 0);
}

static void test_nothing_gives_no_figures(void **state)
{
	(void)state;
	fill(NULL, 0);
	assert_int_equal(stats.count, 0);
	assert_true(isnan(stats.min) && isnan(stats.p50) && isnan(stats.p999) && isnan(stats.max));
	assert_true(isnan(stats.mean) && isnan(stats.stddev) && isnan(stats.mad));
	assert_true(isnan(stats_quantile(&histogram, 0.5)));
}

/* Half 26, half 52 ticks: a clock that counts in steps of 26. */
static void test_quantile_between_two_buckets_is_their_middle(void **state)
{
	const u64 values[] = {26, 26, 52, 52};

	(void)state;
	fill(values, COUNT(values));
	about(stats.p50, 39, 0);
}

/* Of 4 equal values the first quarter's rank is at a quarter of the value's width of 1. */
static void test_ties_are_spread_over_their_width(void **state)
{
	const u64 values[] = {9, 10, 10, 10, 10, 11};

	(void)state;
	fill(values, COUNT(values));
	about(stats_quantile(&histogram, 2.0 / 6), 9.75, 1e-12);
	about(stats_quantile(&histogram, 0.5), 10, 1e-12);
	about(stats_quantile(&histogram, 4.0 / 6), 10.25, 1e-12);
}

static void test_quantile_ends_are_min_and_max(void **state)
{
	const u64 values[] = {1000003, 5, 70000};

	(void)state;
	fill(values, COUNT(values));
	about(stats_quantile(&histogram, 0), 5, 0);
	about(stats_quantile(&histogram, 1), 1000003, 0);
	about(stats_quantile(&histogram, -1), 5, 0);
	about(stats_quantile(&histogram, 2), 1000003, 0);
	assert_true(isnan(stats_quantile(&histogram, NAN)));
}

static void test_values_below_1024_are_exact(void **state)
{
	u32 x = 12345;

	(void)state;
	histogram_reset(&histogram);
	for (int i = 0; i < 1001; i++)
		histogram_add(&histogram, next(&x) % 1000);
	stats_summary(&histogram, &stats);
	about(stats.min, 0, 0);
	about(stats.max, 999, 0);
	about(stats.mean, 483.4715284715285, 1e-9);
	about(stats.stddev, 289.32826242619547, 1e-9);
	about(stats.mad, 248, 0);
	/* By mid-distribution, from the sorted values in Python: u - 0.5 + (q n - before) / ties.
	 */
	about(stats.p50, 466.75, 1e-9);
	about(stats.p90, 891.4, 1e-9);
	about(stats.p99, 994.995, 1e-9);
	about(stats.p999, 999, 1e-9); /* 999.17, clamped */
}

/* A mode at 22,500 and 1 % a million above: all within half a bucket of NumPy's. */
static void test_large_values_are_within_a_bucket(void **state)
{
	u32 x = 777;

	(void)state;
	histogram_reset(&histogram);
	for (int i = 0; i < 2000; i++) {
		u32 value = next(&x);

		histogram_add(&histogram, 20000 + value % 5000 + (value % 97 == 0) * 1000000);
	}
	stats_summary(&histogram, &stats);
	about(stats.min, 20000, 0);
	about(stats.max, 1024691, 0);
	about(stats.mean, 32982.629, 1e-6);
	about(stats.stddev, 101964.77615943157, 101964 * 1e-3);
	about(stats.p50, 22470, 22470 / 1024.0);
	about(stats.p90, 24551, 24551 / 1024.0);
	about(stats.p99, 1020124.59, 1020124 / 1024.0);
	about(stats.p999, 1024585.071, 1024585 / 1024.0);
	about(stats.mad, 1232, 22470 / 1024.0);
}

static void test_values_past_the_last_bucket(void **state)
{
	const u64 values[] = {5, 1ULL << 50, 1ULL << 60};

	(void)state;
	fill(values, COUNT(values));
	about(stats.min, 5, 0);
	about(stats.max, (double)(1ULL << 60), 0);
	about(stats_quantile(&histogram, 1), (double)(1ULL << 60), 0);
	assert_true(stats.p50 >= (double)(1ULL << 41) && stats.p50 <= stats.max);
	assert_true(isfinite(stats.stddev) && isfinite(stats.mad));
}

static void test_quantiles_rise(void **state)
{
	u32 x = 1;
	double last = 0;

	(void)state;
	histogram_reset(&histogram);
	for (int i = 0; i < 5000; i++)
		histogram_add(&histogram, (u64)next(&x) * next(&x) >> (next(&x) % 20));
	for (int i = 0; i <= 1000; i++) {
		double value = stats_quantile(&histogram, i / 1000.0);

		assert_true(value >= last);
		last = value;
	}
}

/* Guards, without a time limit, that the work grows with buckets, not with records. */
static void test_summary_does_not_grow_with_records(void **state)
{
	clock_t began;

	(void)state;
	histogram_reset(&histogram);
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram.bucket[i] = 1ULL << 30;
	histogram.count = (u64)HISTOGRAM_BUCKETS << 30;
	histogram.min = 0;
	histogram.max = 1ULL << 42;
	began = clock();
	stats_summary(&histogram, &stats);
	assert_true(clock() - began < CLOCKS_PER_SEC);
	assert_int_equal(stats.count, histogram.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median_of_odd_count),
		cmocka_unit_test(test_median_of_even_count),
		cmocka_unit_test(test_mad_between_two_distances_is_their_middle),
		cmocka_unit_test(test_an_outlier_moves_mean_not_median),
		cmocka_unit_test(test_equal_values_have_no_spread),
		cmocka_unit_test(test_one_value),
		cmocka_unit_test(test_nothing_gives_no_figures),
		cmocka_unit_test(test_quantile_between_two_buckets_is_their_middle),
		cmocka_unit_test(test_ties_are_spread_over_their_width),
		cmocka_unit_test(test_quantile_ends_are_min_and_max),
		cmocka_unit_test(test_values_below_1024_are_exact),
		cmocka_unit_test(test_large_values_are_within_a_bucket),
		cmocka_unit_test(test_values_past_the_last_bucket),
		cmocka_unit_test(test_quantiles_rise),
		cmocka_unit_test(test_summary_does_not_grow_with_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
