// SPDX-License-Identifier: GPL-2.0-or-later
/* The records that are kept as samples. */
#include "fake_runner.h"

static void test_samples_are_one_of_each_stratum_in_order(void **state)
{
	u32 first[100];

	(void)state;
	run("cpuid");
	assert_int_equal(seen.records, 100);
	for (u32 i = 0; i < 100; i++) {
		assert_in_range(seen.record[i].iteration, i * 10, i * 10 + 9);
		assert_int_equal(seen.record[i].guest_in - seen.record[i].guest_out, 20000);
		first[i] = seen.record[i].iteration;
	}
	/* The same seed chooses the same records; another seed or repeat chooses others. */
	for (int other = 0; other < 3; other++) {
		int same = 0;

		setup(NULL);
		plan.seed += other == 1;
		plan.repeats = 1;
		repeat = 0;
		if (other == 2) {
			plan.repeats = 2;
			plan.samples = 200;
			repeat = 1;
		}
		run("cpuid");
		assert_int_equal(seen.records, 100);
		for (u32 i = 0; i < 100; i++)
			same += seen.record[i].iteration == first[i];
		if (other == 0)
			assert_int_equal(same, 100);
		else
			assert_true(same < 50);
	}
}

static void test_samples_are_shared_among_repeats(void **state)
{
	u32 total = 0;

	(void)state;
	for (u16 i = 0; i < 7; i++) {
		setup(NULL);
		plan.repeats = 7;
		repeat = i;
		run("cpuid");
		total += seen.records;
		assert_in_range(seen.records, 14, 15);
	}
	assert_int_equal(total, 100);
}

static void test_no_more_samples_than_records(void **state)
{
	(void)state;
	plan.exits = 30;
	run("cpuid");
	assert_int_equal(seen.records, 30);
	for (u32 i = 0; i < 30; i++)
		assert_int_equal(seen.record[i].iteration, i);
	setup(NULL);
	plan.samples = 0;
	run("cpuid");
	assert_int_equal(seen.records, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_samples_are_one_of_each_stratum_in_order),
		TEST(test_samples_are_shared_among_repeats),
		TEST(test_no_more_samples_than_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
