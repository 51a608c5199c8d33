// SPDX-License-Identifier: GPL-2.0-or-later
/* Exits per operation, their reason, and the verdict if a count is wrong. */
#include "fake_runner.h"

static void test_exits_of_an_operation_are_counted(void **state)
{
	static const u64 counts[] = {1, 2, 7};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		setup(NULL);
		fake.exits_per_op = counts[i];
		run("mov_cr0_wp");
		assert_int_equal(seen.result.exits_per_op, counts[i]);
		assert_int_equal(seen.result.seen, counts[i] * 1000);
		assert_int_equal(seen.result.other, 0);
		assert_int_equal(seen.result.disturbed, 0);
	}
}

static void test_exits_of_the_stamps_are_not_the_operations(void **state)
{
	(void)state;
	fake.exits_per_stamp = 2;
	run("cpuid");
	assert_int_equal(seen.result.exits_per_op, 1);
	assert_int_equal(seen.result.seen, 1000);
	assert_int_equal(seen.result.disturbed, 0);
}

static void test_no_exit_is_no_failure(void **state)
{
	(void)state;
	fake.exits_per_op = 0;
	run("mov_cr3");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_NO_EXIT);
	assert_non_null(strstr(seen.result.why, "this CPU or kernel does not exit on it"));
	/* Under a hypervisor it may exit, but not to this KVM. */
	setup(NULL);
	nested = true;
	fake.exits_per_op = 0;
	run("mov_cr3");
	assert_int_equal(seen.result.status, STORM_NO_EXIT);
	assert_non_null(strstr(seen.result.why, "operations: not to this KVM"));
	setup(NULL);
	fake.exits_per_op = 0;
	fake.emulated_per_op = 12;
	run("mov_cr3");
	assert_int_equal(seen.result.status, STORM_NO_EXIT);
	assert_int_equal(seen.result.native, 0);
	assert_non_null(strstr(seen.result.why, "interpreted"));
}

/* The right number of exits, but for another reason than the row's. */
static void test_exits_for_another_reason_are_none_of_it(void **state)
{
	(void)state;
	fake.reasons = true;
	run("mov_cr3");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	setup(NULL);
	fake.reasons = true;
	fake.other_after = 1; /* from the first on */
	run("mov_cr3");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_NO_EXIT);
	assert_non_null(strstr(seen.result.why, "0 of "));
	assert_non_null(strstr(seen.result.why, "for the reason that was asked for"));
	setup(NULL);
	fake.reasons = true;
	fake.other_after = 1500; /* in the measured batches */
	run("mov_cr3");
	assert_int_equal(seen.result.status, STORM_FAILED);
	assert_non_null(strstr(seen.result.why, "for the reason that was asked for"));
}

/* On raw VMX and SVM; on KVM stamps out of order mean two clocks (test_runner.c). */
static void test_an_exit_that_is_not_the_operations_is_a_failure(void **state)
{
	(void)state;
	hv_fake.every_exit = true;
	run("pio_out");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	setup(NULL);
	fake.host_offset = fake.round_trip; /* right after the guest's second stamp */
	run("pio_out");
	hv_fake.every_exit = false;
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_FAILED);
	assert_non_null(strstr(seen.result.why, "it is not the operation's"));
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 0);
}

static void test_a_baseline_is_measured_though_it_does_not_exit(void **state)
{
	(void)state;
	fake.exits_per_op = 0;
	run("null");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 1000);
}

static void test_without_a_count_nothing_is_claimed(void **state)
{
	(void)state;
	fake.no_counts = true;
	run("cpuid");
	assert_int_equal(seen.result.status, STORM_SKIPPED);
	assert_non_null(strstr(seen.result.why, "does not count exits"));
	setup(NULL);
	fake.no_counts = true;
	run("pio_out"); /* hv_run counts these exits itself */
	assert_int_equal(seen.result.status, STORM_MEASURED);
}

static void test_fewer_exits_than_asked_fail_with_both_numbers(void **state)
{
	(void)state;
	fake.fewer_after = 20; /* past the calibration */
	run("cpuid");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_FAILED);
	assert_non_null(strstr(seen.result.why, "1000 exits were asked for"));
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 0);
}

/* No matter how the guest runs, and whether the storm waits for an event. */
static void test_fewer_exits_fail_everywhere(void **state)
{
	(void)state;
	fake.emulated_per_op = 12;
	fake.fewer_after = 20;
	run("mov_cr0_wp");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.native, 0);
	assert_int_equal(seen.result.status, STORM_FAILED);
	assert_non_null(strstr(seen.result.why, "1000 exits were asked for"));
	setup(NULL);
	fake.fewer_after = 20;
	run("self_ipi_sti_hlt");
	assert_int_equal(seen.result.status, STORM_FAILED);
	assert_non_null(strstr(seen.result.why, "1000 exits were asked for"));
}

/* vCPUs that wait for each other: at least one exit is asked for, or none (ple_round_robin). */
static void test_fewer_exits_of_waiting_vcpus(void **state)
{
	static const struct {
		const char *storm;
		u64 every;
		s32 status;
	} cases[] = {
		{"ipi", 1, STORM_MEASURED},
		{"ipi", 2, STORM_FAILED},
		{"ipi", 0, STORM_NO_EXIT},
		{"ple_round_robin", 2, STORM_NO_EXIT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(NULL);
		fake.exits_per_op = cases[i].every == 1;
		fake.exit_every = cases[i].every > 1 ? cases[i].every : 0;
		run(cases[i].storm);
		assert_int_equal(seen.err, 0);
		assert_int_equal(seen.result.status, cases[i].status);
		if (cases[i].status == STORM_FAILED) {
			assert_int_equal(seen.result.asked, 1000);
			assert_int_equal(seen.result.seen, 500);
			assert_non_null(strstr(seen.result.why,
					       "1000 exits were asked for and 500 were counted"));
		}
	}
}

/* So many operations between the stamps, all of which must exit. */
static void test_several_operations_in_a_row(void **state)
{
	static const u32 ops[] = {[OPS_1] = 1, [OPS_2] = 2, [OPS_4] = 4};
	static const char *const names[] = {"cpuid", "pio_out", "page_fill"};

	(void)state;
	for (u32 i = 0; i < OPS_WORDS * 3; i++) {
		u8 setting = i % OPS_WORDS;

		setup(NULL);
		plan.setting[SETTING_STAMPS] = STAMPS_GUEST;
		plan.setting[SETTING_OPS] = setting;
		run(names[i / OPS_WORDS]);
		assert_int_equal(seen.result.status, STORM_MEASURED);
		assert_int_equal(seen.result.operations, 1000);
		assert_int_equal(seen.result.exits_per_op, ops[setting]);
		assert_int_equal(seen.result.seen, 1000 * ops[setting]);
		assert_int_equal(seen.result.asked, 1000 * ops[setting]);
		assert_int_equal(seen.result.other, 0);
		assert_int_equal(seen.min[LEG_ROUND_TRIP], 20000 * ops[setting]);
		assert_int_equal(seen.min[LEG_PERIOD], 20000);
		assert_true(seen.result.batch <= GUEST_FILL_PAGES / ops[setting]);
	}
}

static void test_operations_that_cannot_follow_each_other(void **state)
{
	static const struct {
		const char *storm, *why;
		u8 stamps;
	} cases[] = {
		{"pio_out", "ops=2 needs stamps=guest: the host's stamps are of one exit",
		 STAMPS_BOTH},
		{"pio_out", "ops=2 needs stamps=guest: the host's stamps are of one exit",
		 STAMPS_OFF},
		{"tsc_deadline", "ops=2 is for operations that exit by themselves", STAMPS_GUEST},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup(NULL);
		plan.setting[SETTING_STAMPS] = cases[i].stamps;
		plan.setting[SETTING_OPS] = OPS_2;
		run(cases[i].storm);
		assert_int_equal(seen.result.status, STORM_SKIPPED);
		assert_string_equal(seen.result.why, cases[i].why);
	}
	setup(NULL);
	hv_fake.every_exit = true;
	plan.setting[SETTING_STAMPS] = STAMPS_GUEST;
	plan.setting[SETTING_OPS] = OPS_4;
	run("cpuid");
	hv_fake.every_exit = false;
	assert_int_equal(seen.result.status, STORM_SKIPPED);
	assert_string_equal(seen.result.why,
			    "ops=4 needs path=full: the fast path continues at one place");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_several_operations_in_a_row),
		TEST(test_operations_that_cannot_follow_each_other),
		TEST(test_exits_of_an_operation_are_counted),
		TEST(test_exits_of_the_stamps_are_not_the_operations),
		TEST(test_no_exit_is_no_failure),
		TEST(test_exits_for_another_reason_are_none_of_it),
		TEST(test_an_exit_that_is_not_the_operations_is_a_failure),
		TEST(test_a_baseline_is_measured_though_it_does_not_exit),
		TEST(test_without_a_count_nothing_is_claimed),
		TEST(test_fewer_exits_than_asked_fail_with_both_numbers),
		TEST(test_fewer_exits_fail_everywhere),
		TEST(test_fewer_exits_of_waiting_vcpus),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
