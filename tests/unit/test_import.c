// SPDX-License-Identifier: GPL-2.0-or-later
/* Made-up captures through all of import: the fuzz target with inputs of fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "../fuzz/fuzz_import.c"
#include "random.h"

#define INPUTS 300
#define BYTES  5000
#define VCPUS  64

#define FEW_REPEATS 50
#ifdef __SANITIZE_ADDRESS__ /* for memory errors; it slows the loops down */
#define MANY_REPEATS 100
#else
#define MANY_REPEATS 1000
#endif

static void test_random_captures(void **state)
{
	u8 bytes[BYTES];

	(void)state;
	for (u64 seed = 1; seed <= INPUTS; seed++) {
		u64 random = seed * 0x9e3779b97f4a7c15ULL;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = random_next(&random) >> 56;
		LLVMFuzzerTestOneInput(bytes, sizeof(bytes));
	}
}

/* CPU seconds for a capture with a histogram and a result of each part of a large plan. */
static double import_parts(u32 repeats)
{
	struct capture_file file = {.repeats = repeats, .vcpus = VCPUS};
	struct input input = {0};
	clock_t began;

	put_head(&file, &input);
	for (u32 i = 0; i < repeats * VCPUS; i++) {
		struct wire_part part = {.repeat = i / VCPUS, .vcpu = i % VCPUS};

		put_histogram(&file, &input, file.storm[0], part, LEG_PERIOD, 0);
		put_result(&file, &input, file.storm[0], part);
	}
	began = clock();
	import_made(&file);
	return (double)(clock() - began) / CLOCKS_PER_SEC;
}

/* 64,000 parts took 15 s when each was searched for among those before it. */
static void test_time_grows_with_the_parts(void **state)
{
	double few = import_parts(FEW_REPEATS), many = import_parts(MANY_REPEATS);

	(void)state;
	if (many > 2 * few * MANY_REPEATS / FEW_REPEATS)
		fail_msg("%d times as many parts took %.0f times the time",
			 MANY_REPEATS / FEW_REPEATS, many / few);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_captures),
		cmocka_unit_test(test_time_grows_with_the_parts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
