// SPDX-License-Identifier: GPL-2.0-or-later
/* Versions newer than all that the tests ran with: one line, and only for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../results/notice.h"
#include "../../results/tried.h"

static const struct {
	const char *program;
	unsigned major, minor;
} tried[] = {
#define TRIED(program, major, minor, relies) {program, major, minor},
#include "../../results/tried.def"
#undef TRIED
};

static unsigned notices;

static void count_notice(const char *line)
{
	(void)line;
	notices++;
}

static bool newer(const char *program, unsigned major, unsigned minor)
{
	char version[64], line[512] = "";

	snprintf(version, sizeof(version), "%s v%u.%u.9-1+deb", program, major, minor);
	if (!tried_newer(program, version, line, sizeof(line))) {
		assert_string_equal(line, "");
		return false;
	}
	snprintf(version, sizeof(version), "%s %u.%u is newer", program, major, minor);
	assert_ptr_equal(strstr(line, version), line);
	assert_null(strchr(line, '\n'));
	return true;
}

static void test_only_newer_versions_get_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tried) / sizeof(*tried); i++) {
		const char *program = tried[i].program;

		assert_false(newer(program, tried[i].major, tried[i].minor));
		assert_false(newer(program, tried[i].major - 1, tried[i].minor + 50));
		assert_true(newer(program, tried[i].major, tried[i].minor + 1));
		assert_true(newer(program, tried[i].major + 1, 0));
	}
}

static void test_an_unknown_version_gets_no_line(void **state)
{
	char line[512];

	(void)state;
	notice_to(count_notice);
	assert_false(tried_newer("Bochs", NULL, line, sizeof(line)));
	assert_false(tried_newer("Bochs", "Bochs", line, sizeof(line)));
	assert_false(tried_newer("Bochs", "", line, sizeof(line)));
	assert_false(tried_newer("Another", "99.9", line, sizeof(line)));
	assert_true(tried_newer("Bochs", "Bochs 99", line, sizeof(line)));
	tried_notice("Bochs", NULL);
	tried_notice("Bochs", "Bochs 3.1");
	assert_int_equal(notices, 0);
	tried_notice("Bochs", "Bochs 4.0");
	tried_notice("Bochs", "Bochs 4.0");
	assert_int_equal(notices, 1);
	notice_to(NULL);
}

/* The module's list of kernels is written by a test of its own. */
static void test_linux_is_the_newest_of_the_modules_kernels(void **state)
{
	unsigned newest = 0;

	(void)state;
#define KERNEL(major, minor, debian, gcc, flavours, beds) \
	if (*beds && ((major) << 8 | (minor)) > newest)   \
		newest = (major) << 8 | (minor);
#include "../../hv/linux/kernels.def"
#undef KERNEL
	assert_false(newer("Linux", newest >> 8, newest & 0xff));
	assert_true(newer("Linux", newest >> 8, (newest & 0xff) + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_newer_versions_get_a_line),
		cmocka_unit_test(test_an_unknown_version_gets_no_line),
		cmocka_unit_test(test_linux_is_the_newest_of_the_modules_kernels),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
