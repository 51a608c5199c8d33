// SPDX-License-Identifier: GPL-2.0-or-later
/* Made-up journals of interrupted runs: the fuzz target with inputs of fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fuzz/fuzz_journal.c"
#include "random.h"

#define INPUTS 400
#define BYTES  1500

static void test_random_journals(void **state)
{
	u8 bytes[BYTES];

	(void)state;
	for (u64 seed = 1; seed <= INPUTS; seed++) {
		u64 random = seed * 0x9e3779b97f4a7c15ULL;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = random_next(&random) >> 56;
		/* Short ones are more often valid. */
		LLVMFuzzerTestOneInput(bytes, seed % 4 ? 20 + seed % 200 : sizeof(bytes));
	}
	assert_true(opened > INPUTS / 4 && opened < INPUTS);
	assert_true(shown > INPUTS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_journals)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
