// SPDX-License-Identifier: GPL-2.0-or-later
/* Made-up plans and settings: the fuzz target with inputs of fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fuzz/fuzz_plan.c"
#include "random.h"

#define INPUTS 4000

static void test_random_plans(void **state)
{
	static const char some[] = "0123456789,-=abcdefonirstuv_{}\":[]";
	u8 bytes[64];

	(void)state;
	for (u64 seed = 1; seed <= INPUTS; seed++) {
		u64 random = seed * 0x9e3779b97f4a7c15ULL;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			bytes[i] = random_next(&random) >> 56;
			if (seed & 1 && i)
				bytes[i] = some[bytes[i] % (sizeof(some) - 1)];
		}
		LLVMFuzzerTestOneInput(bytes, 2 + seed % (sizeof(bytes) - 2));
	}
	assert_true(accepted > INPUTS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_plans)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
