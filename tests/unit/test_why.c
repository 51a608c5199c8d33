// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages: one line, whatever the paths and strings in them are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../results/why.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_what_is_shown_and_what_is_escaped(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"a run", "a run"},
		{"two\nlines\tand\r", "two\\nlines\\tand\\x0d"},
		{"\x1b[2J\x7f", "\\x1b[2J\\x7f"},
		{"µ – 日 😀", "µ – 日 😀"},
		{"\xc2\x9b", "\\xc2\\x9b"},				 /* a C1 control */
		{"\xc0\xaf \xe0\x80\xaf", "\\xc0\\xaf \\xe0\\x80\\xaf"}, /* too long a form */
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},			 /* a surrogate */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},		 /* past U+10FFFF */
		{"\xf5\xff", "\\xf5\\xff"},
		{"\xe2\x80", "\\xe2\\x80"}, /* ends too early */
		{"a\xe2\x80\xa8z", "a\\xe2\\x80\\xa8z"},
		{"a\xe2\x80\xaez", "a\\xe2\\x80\\xaez"},
		{"a\xe2\x81\xa6z", "a\\xe2\\x81\\xa6z"},
	};
	char why[RUN_WHY];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(why_say(why, -5, "%s", cases[i].text), -5);
		assert_string_equal(why, cases[i].shown);
	}
}

static void test_a_long_line_ends_between_two_characters(void **state)
{
	char text[2 * RUN_WHY], why[RUN_WHY];

	(void)state;
	for (size_t from = 0; from < 3; from++) {
		size_t at = from;

		memset(text, '-', from);
		for (; at + 3 < sizeof(text); at += 3)
			memcpy(text + at, "\xe2\x80\x93", 3);
		text[at] = 0;
		why_say(why, 0, "%s", text);
		assert_in_range(strlen(why), RUN_WHY - 3, RUN_WHY - 1);
		assert_int_equal((strlen(why) - from) % 3, 0);
	}
}

static void test_of_a_long_path_the_end_is_shown(void **state)
{
	char path[1000];
	const char *end;

	(void)state;
	memset(path, 'a', sizeof(path));
	memcpy(path + 900, "/run.json", 10);
	end = why_path(path);
	assert_in_range(strlen(end), 100, RUN_WHY / 2);
	assert_string_equal(end + strlen(end) - 9, "/run.json");
	assert_string_equal(why_path("run"), "run");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_shown_and_what_is_escaped),
		cmocka_unit_test(test_a_long_line_ends_between_two_characters),
		cmocka_unit_test(test_of_a_long_path_the_end_is_shown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
