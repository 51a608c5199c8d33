// SPDX-License-Identifier: GPL-2.0-or-later
/* Made-up files of interrupted runs: the fuzz target with inputs of fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fuzz/fuzz_resume.c"
#include "random.h"

#define INPUTS 600

static void test_random_files(void **state)
{
	u8 bytes[40];

	(void)state;
	for (u64 seed = 1; seed <= INPUTS; seed++) {
		u64 random = seed * 0x9e3779b97f4a7c15ULL;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = random_next(&random) >> 56;
		bytes[0] = seed % 50 == 0 ? 1 : seed % 2 * 2;
		LLVMFuzzerTestOneInput(bytes, 8 + seed % (sizeof(bytes) - 8));
	}
	assert_true(refused > INPUTS / 4);
	assert_true(resumed > INPUTS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_files)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
