// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_run.h"

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
	/* The same seed takes the same, another one others, and so does another repeat. */
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

static void watch_begin(void *arg)
{
	(void)arg;
}

/* The kernel's stamps beside the host's, on the host's clock: the made-up guest has its own. */
static void watch_end(void *arg, struct record *ring, u32 operations, bool one_clock)
{
	(void)arg;
	assert_false(one_clock);
	watched += operations;
	for (u32 i = 0; i < operations && ring[i].host_in; i++) {
		ring[i].kernel_in = ring[i].host_in - 1;
		ring[i].kernel_out = ring[i].host_out + 2;
	}
}

static void test_the_kernels_stamps(void **state)
{
	static const struct runner_watch looks_on = {.begin = watch_begin, .end = watch_end};

	(void)state;
	plan.setting[SETTING_EBPF] = EBPF_ON;
	watch = &looks_on;
	run("pio_out");
	assert_int_equal(watched, 1000); /* neither calibration nor the batches of the period */
	assert_int_equal(seen.count[LEG_TO_USER][0], 1000);
	assert_int_equal(seen.max[LEG_TO_USER], 1);
	assert_int_equal(seen.max[LEG_FROM_USER], 2);
	/* No leg has stamps of two clocks, and that is no loss. */
	assert_int_equal(seen.result.clocks_differ, 1);
	assert_int_equal(seen.count[LEG_TO_KERNEL][0] + seen.count[LEG_TO_GUEST][0], 0);
	assert_int_equal(seen.result.lost, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_the_kernels_stamps),
		TEST(test_samples_are_one_of_each_stratum_in_order),
		TEST(test_samples_are_shared_among_repeats),
		TEST(test_no_more_samples_than_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
