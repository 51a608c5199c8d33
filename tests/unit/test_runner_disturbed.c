// SPDX-License-Identifier: GPL-2.0-or-later
/* Disturbances, faults, hangs and stops: how they mark or end a storm. */
#include "fake_runner.h"

static void watchdog(void)
{
	runner_group_break(&group, "the guest did not come back within 2 s");
}

static void test_interrupts_flag_their_batch_and_are_no_exits(void **state)
{
	(void)state;
	fake.interrupt_every = 5;
	run("cpuid");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_int_equal(seen.result.seen, 1000);
	assert_true(seen.result.disturbed > 0);
	assert_true(seen.result.disturbed < 1000);
	assert_int_equal(seen.result.disturbed % seen.result.batch % (1000 % seen.result.batch), 0);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 1000);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][1], 1000 - seen.result.disturbed);
}

/* Equal histograms are sent once to a sink that takes both at once. */
static void test_undisturbed_legs_come_once(void **state)
{
	(void)state;
	sink.takes_both = true;
	run("cpuid");
	assert_int_equal(seen.count[LEG_ROUND_TRIP][HISTOGRAM_BOTH], 1000);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0] + seen.count[LEG_ROUND_TRIP][1], 0);
	assert_int_equal(seen.min[LEG_ROUND_TRIP], 20000);
	setup(NULL);
	sink.takes_both = true;
	fake.interrupt_every = 5;
	run("cpuid");
	assert_true(seen.result.disturbed > 0);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][HISTOGRAM_BOTH], 0);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 1000);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][1], 1000 - seen.result.disturbed);
}

static void test_a_context_switch_flags_its_batch(void **state)
{
	(void)state;
	fake.switch_every = 5;
	run("cpuid");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_true(seen.result.disturbed > 0);
	assert_true(seen.result.disturbed < 1000);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][1], 1000 - seen.result.disturbed);
	for (u32 i = 0; i < seen.records; i++)
		assert_true((seen.record[i].flags & ~RECORD_COLD) == 0 ||
			    (seen.record[i].flags & ~RECORD_COLD) == RECORD_CTXSW);
	setup(NULL);
	run("cpuid");
	assert_int_equal(seen.result.disturbed, 0);
}

/* No emulator counts SMIs: the fake host does. */
static void test_an_smi_flags_its_batch(void **state)
{
	(void)state;
	fake.smi_every = 5;
	run("cpuid");
	assert_int_equal(seen.result.status, STORM_MEASURED);
	assert_true(seen.result.smi > 0);
	assert_true(seen.result.disturbed > 0 && seen.result.disturbed < 1000);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][1], 1000 - seen.result.disturbed);
	for (u32 i = 0; i < seen.records; i++)
		assert_true((seen.record[i].flags & ~RECORD_COLD) == 0 ||
			    (seen.record[i].flags & ~RECORD_COLD) == RECORD_SMI);
	setup(NULL);
	run("cpuid");
	assert_int_equal(seen.result.smi, 0);
	assert_int_equal(seen.result.disturbed, 0);
}

/* Only the counts of the measured batches are added. */
static void test_core_cycles_are_summed(void **state)
{
	(void)state;
	run("cpuid");
	assert_int_equal(seen.result.aperf, 0);
	assert_int_equal(seen.result.mperf, 0);
	setup(NULL);
	fake.frequency = true;
	run("cpuid");
	assert_true(seen.result.mperf >= 2000);
	assert_true(seen.result.mperf < 2000 * fake.batches); /* calibration is not among them */
	assert_int_equal(seen.result.aperf * 2, seen.result.mperf * 3);
}

static void test_missing_stamps_are_counted_as_lost(void **state)
{
	(void)state;
	fake.no_stamp_every = 4;
	plan.exits = 1040; /* ten batches of 104 */
	run("cpuid");
	assert_int_equal(seen.result.lost, 260);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 780);
}

static void test_a_fault_while_calibrating_skips(void **state)
{
	(void)state;
	fake.fault_after = 1;
	run("rdpmc");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_SKIPPED);
	assert_string_equal(seen.result.why, "#GP at rip 0x1234");
}

static void test_a_fault_while_measuring_fails(void **state)
{
	(void)state;
	fake.fault_after = 50;
	plan.exits = 100000;
	run("rdpmc");
	assert_int_equal(seen.err, 0);
	assert_int_equal(seen.result.status, STORM_FAILED);
	assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 0);
}

static void test_a_guest_that_hangs_is_skipped_with_its_rip(void **state)
{
	static const u64 after[] = {1, 40}; /* calibration, measurement */

	(void)state;
	for (int i = 0; i < 2; i++) {
		setup(NULL);
		plan.exits = 100000;
		fake.stuck_after = after[i];
		fake.stuck = watchdog;
		run("cpuid");
		assert_int_equal(seen.err, 0);
		assert_int_equal(seen.results, 1);
		assert_int_equal(seen.result.status, STORM_SKIPPED);
		assert_string_equal(seen.result.why,
				    "the guest did not come back within 2 s (rip 0x1234)");
		assert_int_equal(seen.count[LEG_ROUND_TRIP][0], 0);
	}
}

static void test_stop_ends_without_a_result(void **state)
{
	(void)state;
	seen.stop_at = 300;
	run("cpuid");
	assert_int_equal(seen.err, -ECANCELED);
	assert_int_equal(seen.results, 0);
	assert_true(seen.progress < 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_interrupts_flag_their_batch_and_are_no_exits),
		TEST(test_undisturbed_legs_come_once),
		TEST(test_a_context_switch_flags_its_batch),
		TEST(test_an_smi_flags_its_batch),
		TEST(test_core_cycles_are_summed),
		TEST(test_missing_stamps_are_counted_as_lost),
		TEST(test_a_fault_while_calibrating_skips),
		TEST(test_a_fault_while_measuring_fails),
		TEST(test_a_guest_that_hangs_is_skipped_with_its_rip),
		TEST(test_stop_ends_without_a_result),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
