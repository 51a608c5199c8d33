// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "../../analysis/output/units.h"

static char text[64];

#define is(call, wanted) assert_string_equal(call, wanted)

static void test_ticks_have_separators(void **state)
{
	(void)state;
	is(units_ticks(text, sizeof(text), 0), "0");
	is(units_ticks(text, sizeof(text), 999), "999");
	is(units_ticks(text, sizeof(text), 1000), "1,000");
	is(units_ticks(text, sizeof(text), 22592), "22,592");
	is(units_ticks(text, sizeof(text), 99999999), "99,999,999");
	is(units_ticks(text, sizeof(text), -1234567), "-1,234,567");
	is(units_ticks(text, sizeof(text), -123), "-123");
}

static void test_ticks_are_rounded(void **state)
{
	(void)state;
	is(units_ticks(text, sizeof(text), 999.4), "999");
	is(units_ticks(text, sizeof(text), 999.6), "1,000");
}

static void test_large_ticks_are_short(void **state)
{
	(void)state;
	is(units_ticks(text, sizeof(text), 1e8), "100 M");
	is(units_ticks(text, sizeof(text), 2.34567e9), "2.35 G");
	is(units_ticks(text, sizeof(text), 123456789012), "123 G");
	is(units_ticks(text, sizeof(text), 4e12), "4.00 T");
	is(units_ticks(text, sizeof(text), 4e15), "4.00 P");
	is(units_ticks(text, sizeof(text), 1.8446744e19), "18.4 E");
	is(units_ticks(text, sizeof(text), -2e21), "under -1,000 E");
	is(units_ticks(text, sizeof(text), 2e300), "over 1,000 E");
}

static void test_percentages_have_no_exponent(void **state)
{
	static const struct {
		double percent;
		const char *text;
	} figures[] = {
		{0, "0 %"},	   {100, "100 %"},     {0.29, "0.29 %"},	{2.66, "2.7 %"},
		{2, "2 %"},	   {25.4, "25 %"},     {99.4, "99 %"},		{99.6, "99.6 %"},
		{99.99, "99.9 %"}, {123, "123 %"},     {1e9, "1000000000 %"},	{0.0123, "0.012 %"},
		{0.05, "0.05 %"},  {0.004, "0.004 %"}, {3e-5, "under 0.001 %"}, {NAN, "-"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		is(units_percent(text, sizeof(text), figures[i].percent), figures[i].text);
}

static void test_plain_numbers_have_no_exponent(void **state)
{
	(void)state;
	is(units_plain(text, sizeof(text), 0), "0");
	is(units_plain(text, sizeof(text), 2), "2");
	is(units_plain(text, sizeof(text), 100), "100");
	is(units_plain(text, sizeof(text), 7.000000000000001), "7");
	is(units_plain(text, sizeof(text), 1e-5), "0.00001");
	is(units_plain(text, sizeof(text), -2.5), "-2.5");
	is(units_plain(text, sizeof(text), 12345678), "12345678");
	is(units_plain(text, sizeof(text), NAN), "-");
}

static void test_short_ticks_have_three_digits(void **state)
{
	(void)state;
	is(units_short(text, sizeof(text), 26), "26.0");
	is(units_short(text, sizeof(text), 22592), "22.6 k");
	is(units_short(text, sizeof(text), 999499), "999 k");
	is(units_short(text, sizeof(text), 999600), "1.00 M");
	is(units_short(text, sizeof(text), 2345678), "2.35 M");
}

static void test_what_is_no_number_is_a_dash(void **state)
{
	(void)state;
	is(units_ticks(text, sizeof(text), NAN), "-");
	is(units_ticks(text, sizeof(text), INFINITY), "-");
	is(units_short(text, sizeof(text), NAN), "-");
	is(units_ns(text, sizeof(text), NAN, 1e9), "-");
	is(units_ns(text, sizeof(text), 1, 0), "-");
	is(units_ns(text, sizeof(text), 0, 0), "-");
	is(units_duration(text, sizeof(text), NAN), "-");
	is(units_duration(text, sizeof(text), -1), "-");
}

/* 22,592 ticks at 2.3 GHz are 9,822.6 ns. */
static void test_ns_take_the_unit_that_fits(void **state)
{
	(void)state;
	is(units_ns(text, sizeof(text), 22592, 2.3e9), "9.82 us");
	is(units_ns(text, sizeof(text), 26, 2.6e9), "10.0 ns");
	is(units_ns(text, sizeof(text), 1, 1e9), "1.00 ns");
	is(units_ns(text, sizeof(text), 999.4, 1e9), "999 ns");
	is(units_ns(text, sizeof(text), 999.6, 1e9), "1.00 us");
	is(units_ns(text, sizeof(text), 2.5e6, 1e9), "2.50 ms");
	is(units_ns(text, sizeof(text), 90e9, 1e9), "90.0 s");
}

static void test_durations(void **state)
{
	(void)state;
	is(units_duration(text, sizeof(text), 0.04), "0.0 s");
	is(units_duration(text, sizeof(text), 9.94), "9.9 s");
	is(units_duration(text, sizeof(text), 59.4), "59 s");
	is(units_duration(text, sizeof(text), 59.6), "1 min 0 s");
	is(units_duration(text, sizeof(text), 80), "1 min 20 s");
	is(units_duration(text, sizeof(text), 7384), "2 h 3 min");
}

static void test_a_small_buffer_is_not_overrun(void **state)
{
	char small[6] = "#####";

	(void)state;
	is(units_ticks(small, 4, 1234567), "1,2");
	assert_int_equal(small[4], '#');
	is(units_ns(small, 4, 22592, 2.3e9), "9.8");
	assert_int_equal(small[4], '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticks_have_separators),
		cmocka_unit_test(test_ticks_are_rounded),
		cmocka_unit_test(test_large_ticks_are_short),
		cmocka_unit_test(test_short_ticks_have_three_digits),
		cmocka_unit_test(test_percentages_have_no_exponent),
		cmocka_unit_test(test_plain_numbers_have_no_exponent),
		cmocka_unit_test(test_what_is_no_number_is_a_dash),
		cmocka_unit_test(test_ns_take_the_unit_that_fits),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_a_small_buffer_is_not_overrun),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
