// SPDX-License-Identifier: GPL-2.0-or-later
/* Labels of clocks, from made-up readings of their check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/session/clock_check.h"

/* Readings of an exact count of instructions, read in steps. */
static struct clock_readings counted(u32 step)
{
	static const u32 length[] = {6, 1006, 1006, 1006, 7, 9, 106};
	struct clock_readings readings = {.count = sizeof(length) / sizeof(*length), .step = step};

	for (u32 i = 0; i < readings.count; i++)
		readings.of[i] = (struct clock_reading){length[i], length[i] / step * step,
							(length[i] + step - 1) / step * step};
	return readings;
}

static struct clock_readings hardware(u64 none, u64 nop, u64 add, u64 imul)
{
	struct clock_readings readings = counted(1);

	readings.of[CLOCK_NONE].min = none;
	readings.of[CLOCK_NOP].min = nop;
	readings.of[CLOCK_ADD].min = add;
	readings.of[CLOCK_IMUL].min = imul;
	return readings;
}

static enum clock_kind kind_of(struct clock_readings readings)
{
	struct clock_finding finding;

	clock_classify(&readings, &finding);
	return finding.kind;
}

static void test_instructions(void **state)
{
	struct clock_readings readings = counted(1);

	(void)state;
	assert_int_equal(kind_of(readings), CLOCK_INSTRUCTIONS);
	readings.tcg = 1;
	assert_int_equal(kind_of(readings), CLOCK_INSTRUCTIONS);
	assert_int_equal(kind_of(counted(5)), CLOCK_INSTRUCTIONS);
}

/* One tick too many or too few, in any sequence and any round. */
static void test_off_by_one(void **state)
{
	(void)state;
	for (u32 i = 0; i < counted(1).count; i++) {
		struct clock_readings more = counted(1), less = counted(1), steps = counted(5);

		more.of[i].max++;
		assert_int_equal(kind_of(more), CLOCK_EMULATED);
		less.of[i].min--;
		assert_int_equal(kind_of(less), CLOCK_EMULATED);
		steps.of[i].max += 5;
		assert_int_equal(kind_of(steps), CLOCK_EMULATED);
	}
}

static void test_hardware(void **state)
{
	struct clock_readings tcg = hardware(40, 150, 722, 2092);

	(void)state;
	assert_int_equal(kind_of(hardware(40, 150, 722, 2092)), CLOCK_TSC);
	/* 4 and 16 NOPs a cycle, IMUL in 3 and 5, a slower and a faster TSC, RDTSC intercepted */
	assert_int_equal(kind_of(hardware(20, 270, 1020, 3020)), CLOCK_TSC);
	assert_int_equal(kind_of(hardware(20, 84, 1020, 5020)), CLOCK_TSC);
	assert_int_equal(kind_of(hardware(8, 60, 258, 758)), CLOCK_TSC);
	assert_int_equal(kind_of(hardware(4000, 4250, 5000, 7000)), CLOCK_TSC);
	/* TCG with the host's clock, with and without its signature */
	tcg.tcg = 1;
	assert_int_equal(kind_of(tcg), CLOCK_EMULATED);
	assert_int_equal(kind_of(hardware(54, 56, 762, 2218)), CLOCK_EMULATED);
	/* nothing that is left over is hardware */
	assert_int_equal(kind_of(hardware(6, 995, 1002, 1006)), CLOCK_EMULATED);
	assert_int_equal(kind_of(hardware(0, 0, 0, 0)), CLOCK_EMULATED);
	assert_int_equal(kind_of(hardware(40, 30, 20, 10)), CLOCK_EMULATED);
}

static void test_combined(void **state)
{
	struct clock_finding one = {.kind = CLOCK_INSTRUCTIONS, .cpus = 1, .step = 1},
			     two = {.kind = CLOCK_INSTRUCTIONS, .cpus = 2, .step = 5, .error = 4},
			     off = {.kind = CLOCK_EMULATED, .cpus = 1, .step = 1, .error = 24},
			     sum = two;

	(void)state;
	clock_combine(&sum, &one);
	assert_memory_equal(&sum, &one, sizeof(sum));
	clock_combine(&sum, &two);
	assert_memory_equal(&sum, &one, sizeof(sum));
	clock_combine(&sum, &off);
	assert_int_equal(sum.kind, CLOCK_EMULATED);
	assert_int_equal(sum.error, 24);
	clock_combine(&sum, &one);
	assert_int_equal(sum.kind, CLOCK_EMULATED);
	assert_int_equal(sum.error, 24);
}

static void is_labelled(const char *claim, int granularity, struct clock_finding finding,
			const char *label, int step, bool warns)
{
	json_t *target =
		json_pack("{s:s, s:s, s:b, s:i}", "name", "bochs", "clock", claim, "emulated",
			  strcmp(claim, "tsc"), "clock_granularity", granularity);
	char text[512];

	clock_check_apply(target, &finding);
	assert_string_equal(json_string_value(json_object_get(target, "clock")), label);
	assert_int_equal(json_is_true(json_object_get(target, "emulated")), !!strcmp(label, "tsc"));
	assert_int_equal(json_integer_value(json_object_get(target, "clock_granularity")), step);
	clock_check_warning(target, text, sizeof(text));
	assert_int_equal(*text != '\0', warns);
	if (warns)
		assert_non_null(strstr(text, label));
	json_decref(target);
}

static void test_labels(void **state)
{
	struct clock_finding tsc = {.kind = CLOCK_TSC, .cpus = 1, .step = 1, .error = 1000},
			     exact = {.kind = CLOCK_INSTRUCTIONS, .cpus = 1, .step = 1},
			     steps = {.kind = CLOCK_INSTRUCTIONS, .cpus = 1, .step = 5, .error = 4},
			     smp = {.kind = CLOCK_INSTRUCTIONS, .cpus = 2, .step = 5, .error = 4},
			     off = {.kind = CLOCK_EMULATED, .cpus = 1, .step = 1, .error = ~0U};

	(void)state;
	is_labelled("instructions", 1, exact, "instructions", 1, false);
	is_labelled("instructions", 1, off, "emulated-tsc", 1, true);
	is_labelled("instructions", 1, steps, "emulated-tsc", 5, true);
	is_labelled("instructions", 1, smp, "instructions", 5, false);
	is_labelled("instructions", 5, smp, "instructions", 5, false);
	is_labelled("tsc", 1, tsc, "tsc", 1, false);
	is_labelled("tsc", 1, off, "emulated-tsc", 1, true);
	is_labelled("tsc", 1, exact, "instructions", 1, true);
	is_labelled("emulated-tsc", 1, exact, "emulated-tsc", 1, false);
	is_labelled("emulated-tsc", 1, tsc, "emulated-tsc", 1, false);
}

static void test_no_finding(void **state)
{
	json_t *target = json_pack("{s:s}", "clock", "instructions");
	char text[64];

	(void)state;
	clock_check_apply(target, NULL);
	assert_string_equal(json_string_value(json_object_get(target, "clock")), "instructions");
	assert_true(json_is_null(json_object_get(target, "clock_check")));
	assert_string_equal(clock_check_warning(target, text, sizeof(text)), "");
	json_decref(target);
}

/* The sequences themselves, on this CPU: what the CPU is does not change between two checks. */
static void test_this_cpu(void **state)
{
	struct clock_readings readings = {.step = 1};
	struct clock_finding finding, again;

	(void)state;
	clock_read(&readings);
	assert_in_range(readings.count, CLOCK_OTHERS, CLOCK_SEQUENCES);
	for (u32 i = 0; i < readings.count; i++)
		assert_true(readings.of[i].min && readings.of[i].min <= readings.of[i].max);
	clock_classify(&readings, &finding);
	clock_read(&readings);
	clock_classify(&readings, &again);
	assert_int_equal(finding.kind, again.kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instructions), cmocka_unit_test(test_off_by_one),
		cmocka_unit_test(test_hardware),     cmocka_unit_test(test_combined),
		cmocka_unit_test(test_labels),	     cmocka_unit_test(test_no_finding),
		cmocka_unit_test(test_this_cpu),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
