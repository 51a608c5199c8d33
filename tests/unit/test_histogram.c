// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../trace/histogram.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct histogram one, other;

static void test_exact_below_the_first_octave(void **state)
{
	(void)state;
	for (u64 value = 0; value < 1024; value++) {
		assert_int_equal(histogram_index(value, 10), value);
		assert_int_equal(histogram_low(value, 10), value);
		assert_int_equal(histogram_width(value, 10), 1);
	}
	/* The first octave of 1,024 sub-buckets is still exact, the next has two values a bucket.
	 */
	assert_int_equal(histogram_index(2047, 10), 2047);
	assert_int_equal(histogram_index(2048, 10), 2048);
	assert_int_equal(histogram_index(2049, 10), 2048);
	assert_int_equal(histogram_index(2050, 10), 2049);
}

static void buckets_join(u32 sub_bits, u32 buckets)
{
	for (u32 i = 0; i < buckets; i++) {
		u64 low = histogram_low(i, sub_bits), width = histogram_width(i, sub_bits);

		assert_int_equal(histogram_index(low, sub_bits), i);
		assert_int_equal(histogram_index(low + width - 1, sub_bits), i);
		assert_int_equal(histogram_low(i + 1, sub_bits), low + width);
		/* No wider than its lower bound / 2^sub_bits. */
		assert_true(width == 1 || width << sub_bits <= low);
	}
}

static void test_buckets_join_without_gap_or_overlap(void **state)
{
	(void)state;
	buckets_join(HISTOGRAM_SUB_BITS, HISTOGRAM_BUCKETS);
	buckets_join(5, 1900); /* the BPF maps' */
}

static void test_index_of_the_greatest_value(void **state)
{
	(void)state;
	assert_int_equal(histogram_index(~0ULL, 10), ((64 - 10 + 1) << 10) - 1);
	assert_int_equal(histogram_index((1ULL << 42) - 1, 10), HISTOGRAM_BUCKETS - 1);
}

static void test_min_max_sum_are_exact(void **state)
{
	const u64 values[] = {22592, 3, 1000001, 22592};

	(void)state;
	histogram_reset(&one);
	assert_int_equal(one.count, 0);
	assert_int_equal(one.min, ~0ULL);
	for (size_t i = 0; i < COUNT(values); i++)
		histogram_add(&one, values[i]);
	assert_int_equal(one.count, 4);
	assert_int_equal(one.min, 3);
	assert_int_equal(one.max, 1000001);
	assert_int_equal(one.sum, 22592 + 3 + 1000001 + 22592);
	assert_int_equal(one.bucket[histogram_index(22592, HISTOGRAM_SUB_BITS)], 2);
}

static void test_values_past_the_top_share_the_last_bucket(void **state)
{
	(void)state;
	histogram_reset(&one);
	histogram_add(&one, 1ULL << 42);
	histogram_add(&one, ~0ULL);
	assert_int_equal(one.bucket[HISTOGRAM_BUCKETS - 1], 2);
	assert_int_equal(one.max, ~0ULL);
}

static void test_merge_is_as_if_all_were_added_to_one(void **state)
{
	static struct histogram all;

	(void)state;
	histogram_reset(&one);
	histogram_reset(&other);
	histogram_reset(&all);
	for (u64 i = 0; i < 1000; i++) {
		histogram_add(i % 3 ? &one : &other, i * i * 7);
		histogram_add(&all, i * i * 7);
	}
	histogram_merge(&one, &other);
	assert_memory_equal(&one, &all, sizeof(all));
}

static void test_merge_with_an_empty_one_changes_nothing(void **state)
{
	static struct histogram before;

	(void)state;
	histogram_reset(&one);
	histogram_reset(&other);
	histogram_add(&one, 5);
	before = one;
	histogram_merge(&one, &other);
	assert_memory_equal(&one, &before, sizeof(before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_below_the_first_octave),
		cmocka_unit_test(test_buckets_join_without_gap_or_overlap),
		cmocka_unit_test(test_index_of_the_greatest_value),
		cmocka_unit_test(test_min_max_sum_are_exact),
		cmocka_unit_test(test_values_past_the_top_share_the_last_bucket),
		cmocka_unit_test(test_merge_is_as_if_all_were_added_to_one),
		cmocka_unit_test(test_merge_with_an_empty_one_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
