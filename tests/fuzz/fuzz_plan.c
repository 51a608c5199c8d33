// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the readers of plans: settings as --set has them, lists of CPUs and of events, plan{} and
 * settings{} of a run.json, the plan of a capture. The first byte chooses one. Whatever is accepted
 * is written as JSON and read again, and both are the same. With clang: -fsanitize=fuzzer,address,
 * and libFuzzer has main().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bench/plan/plan_json.h"
#include "../../bench/plan/settings.h"
#include "../../bench/wire/wire.h"
#include "../../results/fields.h"
#include "../../results/why.h"
#include "../../trace/counters.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u32 accepted; /* inputs */

static const enum target_bit targets[] = {TARGET_KVM,	 TARGET_BOCHS, TARGET_QEMU,
					  TARGET_MODULE, TARGET_METAL, TARGET_GUEST};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

/* The text of the input may be part of it, as it is: it is escaped when it is printed. */
static void check_refusal(const char *why)
{
	if (!*why || strlen(why) >= HV_WHY)
		abort();
}

static void check_json(const struct plan *plan, enum target_bit target)
{
	json_t *numbers = plan_json(plan), *settings = settings_json(plan, target);
	struct plan again = {0};
	char why[HV_WHY] = "";

	if (plan_from_json(&again, target, numbers, settings, why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	if (again.exits != plan->exits || again.seed != plan->seed ||
	    again.cpu_count != plan->cpu_count || strcmp(again.counters, plan->counters) ||
	    memcmp(again.cpu, plan->cpu, plan->cpu_count * sizeof(plan->cpu[0])))
		abort();
	for (int i = 0; i < SETTINGS; i++)
		if (setting_taken(i, target) && again.setting[i] != plan->setting[i])
			abort();
	json_decref(numbers);
	json_decref(settings);
}

static void fuzz_text(u8 which, const char *text)
{
	enum target_bit target = targets[which / 4 % TARGETS];
	char why[HV_WHY] = "";
	struct plan plan;
	int err;

	plan_defaults(&plan);
	err = which & 1 ? plan_cpus(&plan, text, why) : plan_set(&plan, target, text, why);
	if (err) {
		check_refusal(why);
		return;
	}
	accepted++;
	check_json(&plan, target);
}

/* A word of the table by the input, so that accepted settings are met. */
static void fuzz_word(u8 which, const u8 *data, size_t size)
{
	char assignment[SETTING_ASSIGNMENT], word[SETTING_WORD];
	const char *value;
	struct plan plan;

	plan_defaults(&plan);
	for (size_t i = 0; i + 1 < size; i += 2) {
		plan.setting[data[i] % SETTINGS] =
			setting_unit(data[i] % SETTINGS) ? data[i + 1] * 4099U : data[i + 1] % 4;
		value = setting_value(&plan, data[i] % SETTINGS, word, sizeof(word));
		if (!value)
			continue;
		snprintf(assignment, sizeof(assignment), "%s=%s", setting_name(data[i] % SETTINGS),
			 value);
		plan.setting[data[i] % SETTINGS] = 0;
		fuzz_text(which & ~1, assignment);
	}
}

static void fuzz_json(u8 which, const char *text, size_t size)
{
	enum target_bit target = targets[which / 8 % TARGETS];
	char why[RUN_WHY] = "";
	struct plan plan;
	json_error_t at;
	json_t *json;

	if (field_check_text(text, size, why))
		return;
	json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
	if (!json)
		return;
	*why = '\0';
	if (plan_from_json(&plan, target, json_object_get(json, "plan"),
			   json_object_get(json, "settings"), why)) {
		check_refusal(why);
	} else {
		accepted++;
		check_json(&plan, target);
	}
	json_decref(json);
}

static void fuzz_wire(const u8 *data, size_t size)
{
	struct wire_plan plan = {.size = sizeof(plan), .tables = wire_tables()};
	size_t offset = offsetof(struct wire_plan, cpus);

	if (size > sizeof(plan) - offset)
		size = sizeof(plan) - offset;
	memcpy((u8 *)&plan + offset, data, size);
	if (!wire_plan_fault(&plan, sizeof(plan)))
		check_json(&plan.plan, TARGET_METAL);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text, why[COUNTERS_WHY] = "";

	if (!size)
		return 0;
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 5) {
	case 0:
		fuzz_text(data[0], text);
		break;
	case 1:
		fuzz_word(data[0], data + 1, size - 1);
		break;
	case 2:
		fuzz_json(data[0], text, size - 1);
		break;
	case 3:
		fuzz_wire(data + 1, size - 1);
		break;
	default:
		if (counters_check(text, why) && !*why)
			abort();
	}
	free(text);
	return 0;
}
