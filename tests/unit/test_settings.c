// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/plan/plan_json.h"
#include "../../bench/plan/settings.h"
#include "../../hv/hv.h"

static char why[HV_WHY];

static void test_words_of_a_setting(void **state)
{
	static const u32 counts[] = {
#define SETTING(ID, name, targets, values, text) ID##_WORDS,
#include "../../bench/plan/settings.def"
	};
	char word[SETTING_WORD];

	(void)state;
	assert_string_equal(setting_values(SETTING_CPL), "auto|0|3");
	assert_string_equal(setting_word(SETTING_CPL, CPL_AUTO, word, sizeof(word)), "auto");
	assert_string_equal(setting_word(SETTING_CPL, CPL_3, word, sizeof(word)), "3");
	assert_null(setting_word(SETTING_CPL, CPL_3, word, 1));
	for (int i = 0; i < SETTINGS; i++) {
		if (setting_unit(i)) {
			assert_null(setting_word(i, 0, word, sizeof(word)));
			assert_int_equal(setting_max(i) + 1, counts[i]);
			continue;
		}
		assert_non_null(setting_word(i, counts[i] - 1, word, sizeof(word)));
		assert_null(setting_word(i, counts[i], word, sizeof(word)));
	}
}

static void test_every_setting_is_described_and_starts_at_its_first_word(void **state)
{
	char word[SETTING_WORD], value[SETTING_WORD];
	struct plan plan;

	(void)state;
	plan_defaults(&plan);
	for (int i = 0; i < SETTINGS; i++) {
		assert_true(strlen(setting_name(i)) > 0);
		assert_true(strlen(setting_text(i)) > 0);
		assert_string_equal(setting_value(&plan, i, value, sizeof(value)),
				    setting_unit(i) ? "0" : setting_word(i, 0, word, sizeof(word)));
	}
}

static void test_assignments(void **state)
{
	static const struct {
		const char *text, *says; /* says: part of the error; NULL: valid */
	} assignments[] = {
		{"cpl=3", NULL},
		{"cpl=0", NULL},
		{"counters=none", NULL},
		{"counters=", "is not the name of an event"},
		{"counters=EVENT,...", "no event is called 'EVENT'"},
		{"counters=cyclez", "no event is called 'cyclez'"},
		{"stamps=off", NULL},
		{"fence=mfence", NULL},
		{"cpl", "not KEY=VALUE"},
		{"", "not KEY=VALUE"},
		{"=3", "unknown setting"},
		{"cp=3", "unknown setting 'cp'"},
		{"cplx=3", "unknown setting"},
		{"cpl=", "it takes auto|0|3"},
		{"cpl=33", "it takes auto|0|3"},
		{"cpl=auto|0", "it takes auto|0|3"},
		{"cpl= 3", "it takes auto|0|3"},
		{"CPL=3", "unknown setting"},
	};
	struct plan plan;

	(void)state;
	plan_defaults(&plan);
	for (size_t i = 0; i < sizeof(assignments) / sizeof(assignments[0]); i++) {
		struct plan before = plan;
		int err = plan_set(&plan, TARGET_KVM, assignments[i].text, why);

		if (!assignments[i].says) {
			assert_int_equal(err, 0);
			continue;
		}
		assert_int_equal(err, -EINVAL);
		assert_non_null(strstr(why, assignments[i].says));
		assert_memory_equal(&plan, &before, sizeof(plan));
	}
	assert_int_equal(plan.setting[SETTING_CPL], CPL_0);
	assert_int_equal(plan.setting[SETTING_FENCE], FENCE_MFENCE);
}

static void test_numbers(void **state)
{
	static const struct {
		enum target_bit target;
		const char *text, *is; /* is: the value; NULL: refused */
	} numbers[] = {
		{TARGET_KVM, "0", "0"},
		{TARGET_KVM, "1", "1"},
		{TARGET_KVM, "4470", "4470"},
		{TARGET_KVM, "0100", "100"},
		{TARGET_KVM, "10k", "10000"},
		{TARGET_KVM, "1M", "1000000"},
		{TARGET_KVM, "1e6", "1000000"},
		{TARGET_KVM, "1000000", "1000000"},
		{TARGET_KVM, "1000001", NULL},
		{TARGET_KVM, "", NULL},
		{TARGET_KVM, "-1", NULL},
		{TARGET_KVM, "+1", NULL},
		{TARGET_KVM, " 1", NULL},
		{TARGET_KVM, "1 ", NULL},
		{TARGET_KVM, "1.5", NULL},
		{TARGET_KVM, "1ns", NULL},
		{TARGET_KVM, "4294967296", NULL},
		{TARGET_KVM, "18446744073709551617", NULL},
		{TARGET_KVM, "none", NULL},
		{TARGET_KVM, "0..1000000", NULL},
		{TARGET_BOCHS, "0", "0"},
		{TARGET_BOCHS, "6", "6"},
		{TARGET_MODULE, "10000", "10000"},
		{TARGET_BOCHS, "4", NULL},
		{TARGET_BOCHS, "7", NULL},
		{TARGET_QEMU, "1", NULL},
		{TARGET_GUEST, "0", NULL},
	};
	char assignment[64], value[SETTING_WORD];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct plan plan, before;
		int err;

		plan_defaults(&plan);
		plan.setting[SETTING_DELAY] = 77;
		before = plan;
		snprintf(assignment, sizeof(assignment), "delay=%s", numbers[i].text);
		why[0] = 0;
		err = plan_set(&plan, numbers[i].target, assignment, why);
		assert_int_equal(err, numbers[i].is ? 0 : -EINVAL);
		assert_int_equal(!*why, !err);
		if (err)
			assert_memory_equal(&plan, &before, sizeof(plan));
		else
			assert_string_equal(
				setting_value(&plan, SETTING_DELAY, value, sizeof(value)),
				numbers[i].is);
	}
}

static void test_a_word_of_earlier_versions(void **state)
{
	struct plan plan;
	char word[SETTING_WORD];

	(void)state;
	plan_defaults(&plan);
	plan.setting[SETTING_PATH] = PATH_FULL;
	assert_int_equal(plan_set(&plan, TARGET_BOCHS, "path=lean", why), 0);
	assert_int_equal(plan.setting[SETTING_PATH], PATH_FAST);
	assert_string_equal(setting_value(&plan, SETTING_PATH, word, sizeof(word)), "fast");
	assert_int_equal(plan_set(&plan, TARGET_BOCHS, "vpid=lean", why), -EINVAL);
	assert_int_equal(plan_set(&plan, TARGET_BOCHS, "check=msr_store", why), 0);
	assert_string_equal(setting_value(&plan, SETTING_CHECK, word, sizeof(word)), "host_load");
	assert_int_equal(plan_set(&plan, TARGET_BOCHS, "path=msr_store", why), -EINVAL);
}

static void test_a_setting_of_another_target_is_refused(void **state)
{
	struct plan plan;

	(void)state;
	plan_defaults(&plan);
	assert_int_equal(plan_set(&plan, 1 << 30, "cpl=3", why), -EINVAL);
	assert_non_null(strstr(why, "not one of this target's"));
	assert_int_equal(plan_set(&plan, 1 << 30, "stamps=off", why), 0);
}

static void test_lists_of_cpus(void **state)
{
	static const char *const bad[] = {"",	",",	"0,",	 "a",	"0,0",	   "2-1",  "1-",
					  "-1", "0-64", "65535", "0 1", "0,1-2,2", "0--2", "1e3"};
	struct plan plan = {0};

	(void)state;
	assert_int_equal(plan_cpus(&plan, "5,0,2-4", why), 0);
	assert_int_equal(plan.cpu_count, 5);
	assert_int_equal(plan.cpu[0], 5);
	assert_int_equal(plan.cpu[4], 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(plan_cpus(&plan, bad[i], why), -EINVAL);
		assert_int_equal(plan.cpu_count, 5);
	}
	assert_int_equal(plan_cpus(&plan, "0-63", why), 0);
	assert_int_equal(plan.cpu_count, 64);
}

static void test_a_plan_survives_json(void **state)
{
	struct plan plan, back;
	json_t *plan_object, *settings;

	(void)state;
	plan_defaults(&plan);
	plan.exits = PLAN_MAX_EXITS;
	plan.warmup = 0;
	plan.seed = INT64_MAX;
	plan_cpus(&plan, "1,0", why);
	plan_set(&plan, TARGET_KVM, "cpl=3", why);
	plan_set(&plan, TARGET_KVM, "stamps=guest", why);
	plan_object = plan_json(&plan);
	settings = settings_json(&plan, TARGET_KVM);
	assert_int_equal(plan_from_json(&back, TARGET_KVM, plan_object, settings, why), 0);
	assert_memory_equal(&plan, &back, sizeof(plan));
	json_decref(plan_object);
	json_decref(settings);
}

static void test_a_damaged_plan_is_refused(void **state)
{
	static const struct {
		const char *change, *settings;
	} damages[] = {
		{"{\"exits\": 0}", "{}"},
		{"{\"exits\": -1}", "{}"},
		{"{\"exits\": 1.5}", "{}"},
		{"{\"exits\": \"9\"}", "{}"},
		{"{\"repeats\": 4294967297}", "{}"},
		{"{\"vcpus\": 65}", "{}"},
		{"{\"cpus\": {}}", "{}"},
		{"{\"cpus\": [-1]}", "{}"},
		{"{\"cpus\": [70000]}", "{}"},
		{"{\"cpus\": [\"0\"]}", "{}"},
		{"{}", "{\"cpl\": 3}"},
		{"{}", "{\"cpl\": \"7\"}"},
		{"{}", "{\"no_such\": \"7\"}"},
	};
	struct plan plan, back = {.exits = 77};

	(void)state;
	plan_defaults(&plan);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		json_t *object = plan_json(&plan);
		json_t *change = json_loads(damages[i].change, 0, NULL);
		json_t *settings = json_loads(damages[i].settings, 0, NULL);

		json_object_update(object, change);
		why[0] = 0;
		assert_int_equal(plan_from_json(&back, TARGET_KVM, object, settings, why), -EINVAL);
		assert_true(strlen(why) > 0);
		assert_int_equal(back.exits, 77);
		json_decref(object);
		json_decref(change);
		json_decref(settings);
	}
	assert_int_equal(plan_from_json(&back, TARGET_KVM, NULL, NULL, why), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_of_a_setting),
		cmocka_unit_test(test_every_setting_is_described_and_starts_at_its_first_word),
		cmocka_unit_test(test_assignments),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_a_word_of_earlier_versions),
		cmocka_unit_test(test_a_setting_of_another_target_is_refused),
		cmocka_unit_test(test_lists_of_cpus),
		cmocka_unit_test(test_a_plan_survives_json),
		cmocka_unit_test(test_a_damaged_plan_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
