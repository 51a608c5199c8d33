// SPDX-License-Identifier: GPL-2.0-or-later
/* Legs, batches and calibration of a storm. */
#include "fake_runner.h"

static void test_every_operation_is_in_the_histogram(void **state)
{
	(void)state;
	run("cpuid");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.results, 1);
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.result.operations, 1000);
	assert_int_equal(seen.result.asked, 1000);
	assert_int_equal(seen.result.seen, 1000);
	assert_int_equal(seen.result.lost, 0);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 1000);
	assert_int_equal(seen.min[LEG_ROUND_TRIP], 20000);
	assert_int_equal(seen.max[LEG_ROUND_TRIP], 20000);
	assert_int_equal(seen.progress, 1000);
	/* KVM handles it in the kernel: the round trip cannot be divided. */
	assert_int_equal(seen.count[LEG_EXIT][0], 0);
	assert_int_equal(seen.count[LEG_RESUME][0], 0);
}

static void test_a_storm_to_user_space_has_all_legs(void **state)
{
	(void)state;
	run("pio_out");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.count[LEG_EXIT][0], 1000);
	assert_int_equal(seen.min[LEG_EXIT], 5000);
	assert_int_equal(seen.min[LEG_HANDLER], 5000);
	assert_int_equal(seen.min[LEG_RESUME], 10000);
	assert_int_equal(seen.result.exits_per_op, 1);
	assert_int_equal(seen.result.raw_reason, 100 + EXIT_IO);
}

static void test_the_period_is_of_loops_without_stamps(void **state)
{
	(void)state;
	run("cpuid");
	assert_true(seen.count[LEG_PERIOD][0] >= 16);
	assert_int_equal(seen.min[LEG_PERIOD], 20000);
	setup(NULL);
	plan.setting[SETTING_STAMPS] = STAMPS_OFF;
	run("pio_out");
	assert_int_equal(seen.result.operations, 1000);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 0);
	assert_int_equal(seen.count[LEG_EXIT][0], 0);
	assert_int_equal(seen.records, 0);
	assert_int_equal(seen.count[LEG_PERIOD][0],
			 (1000 + seen.result.batch - 1) / seen.result.batch);
}

static void test_stamps_of_the_guest_only(void **state)
{
	(void)state;
	plan.setting[SETTING_STAMPS] = STAMPS_GUEST;
	run("pio_out");
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 1000);
	assert_int_equal(seen.count[LEG_EXIT][0], 0);
	assert_int_equal(seen.result.lost, 0);
}

static void test_a_batch_is_about_a_millisecond(void **state)
{
	(void)state;
	run("cpuid");
	assert_int_equal(seen.result.batch, (2 << 20) / 20000);
	setup(NULL);
	fake.round_trip = 100;
	plan.exits = 10000;
	run("cpuid");
	assert_int_equal(seen.result.batch, GUEST_RING_RECORDS);
	setup(NULL);
	fake.round_trip = 100000000;
	run("cpuid");
	assert_int_equal(seen.result.batch, 1);
	assert_int_equal(seen.result.status, STORM_MEASURED);
	setup(NULL);
	fake.round_trip = 100;
	plan.exits = 10;
	run("cpuid");
	assert_int_equal(seen.result.batch, 10);
	setup(NULL);
	fake.round_trip = 100;
	plan.exits = 10000;
	run("coalesced_pio");
	assert_int_equal(seen.result.batch, storm_find("coalesced_pio")->max_batch);
}

/* One disturbed batch among those that are timed makes no short batches. */
static void test_the_shortest_batch_gives_the_length(void **state)
{
	u64 usual;

	(void)state;
	run("cpuid");
	usual = seen.result.batch;
	for (u64 slow = 1; slow < 12; slow++) {
		setup(NULL);
		fake.slow_batch = slow;
		run("cpuid");
		assert_int_equal(seen.result.batch, usual);
	}
}

static void test_the_ring_limits_a_batch(void **state)
{
	static const u32 records[] = {4096, 1024, 256, 64};

	(void)state;
	_Static_assert(sizeof(records) / sizeof(records[0]) == RING_WORDS, "every value");
	for (u32 ring = 0; ring < RING_WORDS; ring++)
		for (int every = 0; every < 2; every++) {
			setup(NULL);
			hv_fake.every_exit =
				every; /* the exit that ends a batch has a record, too */
			plan.setting[SETTING_RING] = ring;
			plan.exits = 10000;
			fake.round_trip = 100;
			run("cpuid");
			hv_fake.every_exit = false;
			assert_int_equal(seen.result.status, STORM_MEASURED);
			assert_int_equal(seen.result.batch, records[ring] - every);
			assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 10000);
		}
}

static void test_first_records_and_control_are_legs(void **state)
{
	u64 batches;

	(void)state;
	run("cpuid");
	batches = (1000 + seen.result.batch - 1) / seen.result.batch;
	assert_int_equal(seen.count[LEG_FIRST][0], batches);
	assert_int_equal(seen.min[LEG_FIRST], 20000);
	/* As many batches of the control as of the period, among those of the storm. */
	assert_int_equal(seen.count[LEG_CONTROL][0], seen.count[LEG_PERIOD][0] * seen.result.batch);
	assert_int_equal(seen.count[LEG_CONTROL][1], seen.count[LEG_CONTROL][0]);
	assert_int_equal(seen.min[LEG_CONTROL], 40);
	assert_int_equal(seen.max[LEG_CONTROL], 40);
	setup(NULL);
	fake.interrupt_every = 5;
	run("cpuid");
	assert_true(seen.count[LEG_CONTROL][1] < seen.count[LEG_CONTROL][0]);
	setup(NULL);
	plan.setting[SETTING_STAMPS] = STAMPS_OFF;
	run("cpuid");
	assert_int_equal(seen.count[LEG_FIRST][0] + seen.count[LEG_CONTROL][0], 0);
}

/* Ticks and operations apart: loops that take less than a tick per operation are no zero. */
static void test_loops_are_kept_as_ticks_and_operations(void **state)
{
	(void)state;
	run("cpuid");
	assert_int_equal(seen.result.period_ticks, seen.result.period_operations * 20000);
	assert_int_equal(seen.result.period_operations,
			 seen.count[LEG_PERIOD][1] * seen.result.batch);
	setup(NULL);
	fake.empty = 0;
	fake.batch_ticks = 7;
	run("cpuid");
	assert_int_equal(seen.result.control_ticks, 7);
	assert_int_equal(seen.result.control_operations, seen.result.batch);
}

/* The same results with fewer batches of control and period. */
static void test_a_steady_clock_needs_fewer_batches(void **state)
{
	struct storm_result usual;
	u64 count, periods, operations;

	(void)state;
	plan.exits = 8192;
	plan.max_batch = 64;
	run("cpuid");
	usual = seen.result;
	count = seen.count[LEG_ROUND_TRIP][0];
	periods = seen.count[LEG_PERIOD][0];
	operations = fake.operations;
	setup(NULL);
	plan.exits = 8192;
	plan.max_batch = 64;
	plan.steady = 1;
	run("cpuid");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], count);
	assert_int_equal(seen.result.operations, usual.operations);
	assert_int_equal(seen.result.seen, usual.seen);
	assert_int_equal(seen.result.exits_per_op, usual.exits_per_op);
	assert_int_equal(seen.result.control_ticks, usual.control_ticks);
	assert_int_equal(seen.result.stamp_overhead, usual.stamp_overhead);
	assert_int_equal(periods, 8192 / 64 / 4);
	assert_int_equal(seen.count[LEG_PERIOD][0], 16);
	assert_true(fake.operations < operations);
}

static void test_two_clocks_make_no_leg(void **state)
{
	static const u64 offsets[] = {1000000, -1000000ULL};

	(void)state;
	for (int i = 0; i < 2; i++) {
		setup(NULL);
		fake.clock = 10000000;
		fake.host_offset = offsets[i];
		run("pio_out");
		assert_int_equal(seen.result.status, STORM_MEASURED);
		assert_int_equal(seen.result.clocks_differ, 1);
		assert_int_equal(seen.count[LEG_EXIT][0], 0);
		assert_int_equal(seen.count[LEG_RESUME][0], 0);
		assert_int_equal(seen.count[LEG_HANDLER][0], 1000);
		assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 1000);
		assert_int_equal(seen.result.lost, 0);
	}
	setup(NULL);
	run("pio_out");
	assert_int_equal(seen.result.clocks_differ, 0);
}

static void test_what_looking_costs_is_measured(void **state)
{
	(void)state;
	run("cpuid");
	assert_int_equal(seen.result.stamp_overhead, 40);
	assert_int_equal(seen.result.control_round_trip, 40);
	assert_int_equal(seen.result.control_ticks, 40 * seen.result.control_operations);
	assert_int_equal(seen.result.control_operations, seen.result.batch);
	assert_true(seen.result.granularity > 0);
	assert_int_equal(seen.result.native, 1);
}

/* A clock that takes 22 ticks to read and moves in steps of clock_step; clock_rounded: some
 * readings are a tick more. */
static u64 clock_now, clock_step;
static bool clock_rounded;

static u64 made_up_clock(u32 turns)
{
	u64 read;

	clock_now += 22 + turns * 7 / 10;
	read = clock_now / clock_step * clock_step;
	return read + (clock_rounded && read / clock_step % 19 == 5);
}

static void test_the_step_of_a_clock(void **state)
{
	static const u64 steps[] = {26, 24, 40, 100, 1000, 1};

	(void)state;
	for (u32 i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		for (int rounded = 0; rounded < 2; rounded++) {
			clock_now = 123456789;
			clock_step = steps[i];
			clock_rounded = rounded;
			assert_int_equal(runner_step(made_up_clock), steps[i]);
		}
	clock_step = ~0ULL; /* stands still */
	assert_int_equal(runner_step(made_up_clock), 1);
}

static void test_vcpus_and_roles(void **state)
{
	const struct storm *pair = storm_find("ipi"), *round = storm_find("ple_round_robin");

	(void)state;
	plan.vcpus = 1;
	assert_int_equal(runner_vcpus(pair, &plan), 2);
	assert_int_equal(runner_vcpus(round, &plan), 2);
	assert_int_equal(runner_vcpus(storm_find("cpuid"), &plan), 1);
	plan.vcpus = 3;
	assert_int_equal(runner_vcpus(pair, &plan), 4);
	assert_int_equal(runner_vcpus(round, &plan), 3);
	assert_false(runner_is_partner(pair, 0));
	assert_true(runner_is_partner(pair, 3));
	assert_false(runner_is_partner(round, 1));
}

static void observe_begin(void *arg)
{
	(void)arg;
}

/* Adds kernel stamps on the host's clock, from which the fake guest's clock differs. */
static void observe_end(void *arg, struct record *ring, u32 operations, bool one_clock)
{
	(void)arg;
	assert_false(one_clock);
	observed += operations;
	for (u32 i = 0; i < operations && ring[i].host_in; i++) {
		ring[i].kernel_in = ring[i].host_in - 1;
		ring[i].kernel_out = ring[i].host_out + 2;
	}
}

static void test_the_kernels_stamps(void **state)
{
	static const struct runner_observer counting = {.begin = observe_begin, .end = observe_end};

	(void)state;
	plan.setting[SETTING_EBPF] = EBPF_ON;
	observer = &counting;
	run("pio_out");
	assert_int_equal(observed, 1000); /* neither calibration nor the batches of the period */
	assert_int_equal(seen.count[LEG_TO_USER][0], 1000);
	assert_int_equal(seen.max[LEG_TO_USER], 1);
	assert_int_equal(seen.max[LEG_FROM_USER], 2);
	/* Legs of two clocks are dropped, not lost. */
	assert_int_equal(seen.result.clocks_differ, 1);
	assert_int_equal(seen.count[LEG_TO_KERNEL][0] + seen.count[LEG_TO_GUEST][0], 0);
	assert_int_equal(seen.result.lost, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_every_operation_is_in_the_histogram),
		TEST(test_a_storm_to_user_space_has_all_legs),
		TEST(test_the_period_is_of_loops_without_stamps),
		TEST(test_stamps_of_the_guest_only),
		TEST(test_a_batch_is_about_a_millisecond),
		TEST(test_the_shortest_batch_gives_the_length),
		TEST(test_the_ring_limits_a_batch),
		TEST(test_first_records_and_control_are_legs),
		TEST(test_loops_are_kept_as_ticks_and_operations),
		TEST(test_a_steady_clock_needs_fewer_batches),
		TEST(test_two_clocks_make_no_leg),
		TEST(test_what_looking_costs_is_measured),
		TEST(test_the_step_of_a_clock),
		TEST(test_vcpus_and_roles),
		TEST(test_the_kernels_stamps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
