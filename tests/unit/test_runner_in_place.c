// SPDX-License-Identifier: GPL-2.0-or-later
/* In place, where nothing counts exits: what proves one, and what an operation without proof is. */
#include "fake_runner.h"

#include "../../hv/cpu.h"
#include "../../trace/clock_check.h"

static int in_place(void **state)
{
	setup(state);
	hv_fake.place = HV_PLACE_USER;
	fake.no_counts = true;
	fake.exits_per_op = 0;
	return 0;
}

static int in_vm(void **state)
{
	(void)state;
	hv_fake.place = HV_PLACE_VM;
	return 0;
}

static bool is_intel(void)
{
	u32 vendor[4];

	cpu_cpuid(0, 0, vendor);
	return !memcmp(&vendor[1], "Genu", 4);
}

/* The bound of rdpmc, which no architecture makes exit, by this CPU's clock: within a factor of 4.
 */
static void test_the_threshold_is_of_control_and_cycles(void **state)
{
	const struct storm *storm = storm_find("rdpmc");
	struct clock_readings readings;
	u64 cycles;

	(void)state;
	run("rdpmc");
	clock_read(&readings);
	cycles = readings.of[CLOCK_ADD].min - readings.of[CLOCK_NONE].min;
	assert_int_equal(seen.result.cost_control, fake.empty);
	assert_in_range(seen.result.threshold - fake.empty,
			2 * storm->native_cycles * cycles / CLOCK_LENGTH / 4,
			2 * storm->native_cycles * cycles / CLOCK_LENGTH * 4);
}

static void test_a_cost_above_the_threshold_proves_an_exit(void **state)
{
	(void)state;
	run("rdpmc");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.result.evidence, EVIDENCE_COST);
	assert_in_range(seen.result.cost, 19990, 20020); /* a bucket is 16 ticks wide there */
	assert_int_equal(seen.result.exits_per_op, 1);
	/* Nothing has counted them. */
	assert_int_equal(seen.result.seen, 0);
	assert_int_equal(seen.result.asked, 0);
}

static void test_a_cost_below_it_proves_none(void **state)
{
	(void)state;
	fake.round_trip = 60;
	run("rdpmc");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_NO_EXIT);
	assert_int_equal(seen.result.evidence, EVIDENCE_UNKNOWN);
	assert_non_null(strstr(seen.result.why, "operation, exit not proven: up to "));
}

/* However long: where no bound is known, time proves nothing. */
static void test_without_a_bound_no_cost_proves_an_exit(void **state)
{
	(void)state;
	assert_int_equal(storm_find("rdrand")->native_cycles, 0);
	run("rdrand");
	assert_int_equal(seen.result.status, STORM_NO_EXIT);
	assert_int_equal(seen.result.evidence, EVIDENCE_UNKNOWN);
	assert_int_equal(seen.result.threshold, 0);
	assert_non_null(strstr(seen.result.why, "no bound is known"));
}

/* CPUID exits by VMX's architecture; SVM has an intercept of it that may be clear. */
static void test_the_architecture_proves_an_exit(void **state)
{
	(void)state;
	fake.round_trip = 60;
	run("cpuid");
	assert_int_equal(seen.result.evidence,
			 is_intel() ? EVIDENCE_ARCHITECTURE : EVIDENCE_UNKNOWN);
	setup(NULL);
	in_place(NULL);
	fake.round_trip = 60;
	run("vmcall");
	assert_int_equal(seen.result.evidence, EVIDENCE_ARCHITECTURE);
	assert_int_equal(seen.result.status, STORM_MEASURED);
}

/* Without stamps the loops are compared. */
static void test_without_stamps_the_period_is_compared(void **state)
{
	(void)state;
	plan.setting[SETTING_STAMPS] = STAMPS_OFF;
	run("rdpmc");
	assert_int_equal(seen.result.evidence, EVIDENCE_COST);
	assert_in_range(seen.result.cost, 19990, 20020);
	assert_int_equal(seen.result.cost_control, fake.empty);
}

static void test_a_baseline_is_measured_whatever_it_takes(void **state)
{
	(void)state;
	fake.round_trip = 60;
	run("rdtsc");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.result.evidence, EVIDENCE_UNKNOWN);
	in_place(NULL);
	run("rdtsc");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.result.evidence, EVIDENCE_COST);
}

/* Where exits are counted there is no such thing. */
static void test_in_a_vm_exits_are_counted(void **state)
{
	(void)state;
	hv_fake.place = HV_PLACE_VM;
	setup(NULL);
	run("rdpmc");
	assert_int_equal(seen.result.evidence, EVIDENCE_NONE);
	assert_int_equal(seen.result.seen, 1000);
}

static void test_rows_of_another_place_are_refused(void **state)
{
	char why[HV_WHY];

	(void)state;
	assert_int_equal(runner_needs_place(storm_find("cpuid"), HV_PLACE_USER, why), 0);
	assert_int_equal(runner_needs_place(storm_find("pio_out"), HV_PLACE_USER, why),
			 -EOPNOTSUPP);
	assert_non_null(strstr(why, "a VM of ours"));
	assert_int_equal(runner_needs(storm_find("cpuid_1"), HV_VENDOR_INTEL, why), -EOPNOTSUPP);
	assert_non_null(strstr(why, "-t guest"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, in_place, in_vm)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_threshold_is_of_control_and_cycles),
		TEST(test_a_cost_above_the_threshold_proves_an_exit),
		TEST(test_a_cost_below_it_proves_none),
		TEST(test_without_a_bound_no_cost_proves_an_exit),
		TEST(test_the_architecture_proves_an_exit),
		TEST(test_without_stamps_the_period_is_compared),
		TEST(test_a_baseline_is_measured_whatever_it_takes),
		TEST(test_in_a_vm_exits_are_counted),
		TEST(test_rows_of_another_place_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
