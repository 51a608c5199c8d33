// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../trace/record.h"

static const struct record whole = {
	.guest_out = 1000,
	.host_in = 4000,
	.host_out = 4500,
	.guest_in = 9000,
};

static u64 ticks_of(const struct record *record, const struct record *next, enum leg leg)
{
	u64 ticks = ~0ULL;

	assert_true(record_leg(record, next, leg, &ticks));
	return ticks;
}

static bool has(const struct record *record, const struct record *next, enum leg leg)
{
	u64 ticks;

	return record_leg(record, next, leg, &ticks);
}

static void test_legs_of_a_round_trip(void **state)
{
	(void)state;
	assert_int_equal(ticks_of(&whole, NULL, LEG_EXIT), 3000);
	assert_int_equal(ticks_of(&whole, NULL, LEG_HANDLER), 500);
	assert_int_equal(ticks_of(&whole, NULL, LEG_RESUME), 4500);
	assert_int_equal(ticks_of(&whole, NULL, LEG_ROUND_TRIP), 8000);
}

static void test_parts_add_up_to_the_whole(void **state)
{
	(void)state;
	assert_int_equal(ticks_of(&whole, NULL, LEG_EXIT) + ticks_of(&whole, NULL, LEG_HANDLER) +
				 ticks_of(&whole, NULL, LEG_RESUME),
			 ticks_of(&whole, NULL, LEG_ROUND_TRIP));
}

static void test_guest_visit_ends_in_the_next_record(void **state)
{
	const struct record next = {.host_in = 14500};

	(void)state;
	assert_int_equal(ticks_of(&whole, &next, LEG_GUEST_VISIT), 10000);
	assert_false(has(&whole, NULL, LEG_GUEST_VISIT));
}

static void test_a_missing_stamp_gives_no_leg(void **state)
{
	struct record record = whole;

	(void)state;
	record.host_in = 0;
	assert_false(has(&record, NULL, LEG_EXIT));
	assert_false(has(&record, NULL, LEG_HANDLER));
	assert_true(has(&record, NULL, LEG_RESUME));
	assert_true(has(&record, NULL, LEG_ROUND_TRIP));
}

static void test_stamps_out_of_order_give_no_leg(void **state)
{
	struct record record = whole;

	(void)state;
	record.host_in = 999; /* the host's clock is behind the guest's */
	assert_false(has(&record, NULL, LEG_EXIT));
	record.guest_in = 999;
	assert_false(has(&record, NULL, LEG_ROUND_TRIP));
}

static void test_equal_stamps_are_a_leg_of_no_ticks(void **state)
{
	struct record record = whole;

	(void)state;
	record.host_out = record.host_in;
	assert_int_equal(ticks_of(&record, NULL, LEG_HANDLER), 0);
}

static void test_a_period_is_not_of_a_record(void **state)
{
	(void)state;
	assert_false(has(&whole, &whole, LEG_PERIOD));
}

static void test_every_leg_has_a_name_and_a_text(void **state)
{
	(void)state;
	for (int leg = 0; leg < LEGS; leg++) {
		assert_non_null(leg_name[leg]);
		assert_non_null(leg_text[leg]);
	}
	/* The numbers stand in histograms/<storm>.npy. */
	assert_string_equal(leg_name[0], "exit");
	assert_string_equal(leg_name[3], "round_trip");
	assert_string_equal(leg_name[6], "period");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_legs_of_a_round_trip),
		cmocka_unit_test(test_parts_add_up_to_the_whole),
		cmocka_unit_test(test_guest_visit_ends_in_the_next_record),
		cmocka_unit_test(test_a_missing_stamp_gives_no_leg),
		cmocka_unit_test(test_stamps_out_of_order_give_no_leg),
		cmocka_unit_test(test_equal_stamps_are_a_leg_of_no_ticks),
		cmocka_unit_test(test_a_period_is_not_of_a_record),
		cmocka_unit_test(test_every_leg_has_a_name_and_a_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
