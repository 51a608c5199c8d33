// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers as users write them: bench/cli/values.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../bench/cli/values.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each refusal writes one line to stderr. */
static int quiet(void **state)
{
	(void)state;
	return freopen("/dev/null", "w", stderr) ? 0 : -1;
}

static void test_counts(void **state)
{
	static const struct {
		const char *text;
		u64 max, number; /* 0: refused */
	} numbers[] = {
		{"1", 10, 1},
		{"10", 10, 10},
		{"11", 10, 0},
		{"10k", 1e6, 10000},
		{"10K", 1e6, 10000},
		{"1M", 1e6, 1000000},
		{"1M", 999999, 0},
		{"2e6", 1e9, 2000000},
		{"1G", 1e12, 1000000000},
		{"0", 10, 0},
		{"", 10, 0},
		{"-1", 10, 0},
		{"+1", 10, 0},
		{" 1", 10, 0},
		{"1 ", 10, 0},
		{"1x", 10, 0},
		{"k", 1e6, 0},
		{"1kk", 1e9, 0},
		{"1e", 1e9, 0},
		{"1e6k", 1e12, 0},
		{"1e99", 1e9, 0},
		{"0x10", 1e9, 0},
		{"1.5", 1e9, 0},
		{"99999999999999999999", ~0ULL, 0},
		{"18446744073709551615", ~0ULL, ~0ULL},
		{"99999999999999999G", ~0ULL, 0},
		{"1e19", ~0ULL, 0},
		{"e5", ~0ULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		u64 number = 0;
		int status = value_count("-n", numbers[i].text, 1, numbers[i].max, &number);

		assert_int_equal(status, numbers[i].number ? STATUS_OK : STATUS_USAGE);
		assert_int_equal(number, numbers[i].number);
	}
}

static void test_zero_is_a_count_where_the_range_has_it(void **state)
{
	u64 number = 7;

	(void)state;
	assert_int_equal(value_count("--warmup", "0", 0, 10, &number), STATUS_OK);
	assert_int_equal(number, 0);
	assert_int_equal(value_count("--width", "39", 40, 100, &number), STATUS_USAGE);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		u64 bytes; /* 0: refused */
	} sizes[] = {
		{"4096", 4096}, {"64k", 65536}, {"64K", 65536}, {"16M", 16 << 20}, {"1G", 1 << 30},
		{"1025M", 0},	{"2G", 0},	{"0", 0},	{"", 0},	   {"1e3", 0},
		{"64kk", 0},	{"nan", 0},	{"64kB", 0},	{"-1", 0},	   {"1.5M", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		u64 bytes = 0;
		int status = value_size("--buffer", sizes[i].text, 1, 1 << 30, &bytes);

		assert_int_equal(status, sizes[i].bytes ? STATUS_OK : STATUS_USAGE);
		assert_int_equal(bytes, sizes[i].bytes);
	}
}

static void test_percentages(void **state)
{
	static const char *const bad[] = {"", "x", "%", "2%%", "nan", "-1", "51", "2 %"};
	double percent = 0;

	(void)state;
	assert_int_equal(value_percent("--margin", "2", 0, 50, &percent), STATUS_OK);
	assert_true(percent == 2);
	assert_int_equal(value_percent("--margin", "0.5%", 0, 50, &percent), STATUS_OK);
	assert_true(percent == 0.5);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(value_percent("--margin", bad[i], 0, 50, &percent), STATUS_USAGE);
	assert_true(percent == 0.5);
	assert_int_equal(value_number("--width", "50%", 0, 50, &percent), STATUS_USAGE);
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		double low, seconds; /* 0: refused */
	} times[] = {
		{"10", 0, 10},	   {"0.5", 0, 0.5},  {"100us", 0, 100e-6}, {"20ms", 0, 20e-3},
		{"1s", 0, 1},	   {"5ns", 0, 5e-9}, {"2min", 0, 120},	   {"50ms", 0.05, 0.05},
		{"49ms", 0.05, 0}, {"0", 0, 0},	     {"-1", 0, 0},	   {"x", 0, 0},
		{"", 0, 0},	   {"nan", 0, 0},    {"inf", 0, 0},	   {"5x", 0, 0},
		{"1e400", 0, 0},   {"1 s", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		double seconds = 0;
		int status = value_seconds("-d", times[i].text, times[i].low, &seconds);

		assert_int_equal(status, times[i].seconds > 0 ? STATUS_OK : STATUS_USAGE);
		assert_true(seconds - times[i].seconds < 1e-12 &&
			    times[i].seconds - seconds < 1e-12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_zero_is_a_count_where_the_range_has_it),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_percentages),
		cmocka_unit_test(test_times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, quiet, NULL);
}
