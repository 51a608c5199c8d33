// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../hv/hv.h"
#include "../../results/compose.h"
#include "settings.h"

/* The plan's numbers, in one table for writing and reading. */
static const struct {
	const char *name;
	u64 min, max;
	size_t offset, size;
} numbers[] = {
#define NUMBER(field, min, max)                                                                   \
	{                                                                                         \
#field, min, max, offsetof(struct plan, field), sizeof(((struct plan *)0)->field) \
	}
	NUMBER(exits, 1, PLAN_MAX_EXITS),  NUMBER(warmup, 0, PLAN_MAX_EXITS),
	NUMBER(seed, 0, INT64_MAX),	   NUMBER(repeats, 1, PLAN_MAX_REPEATS),
	NUMBER(vcpus, 1, GUEST_MAX_VCPUS), NUMBER(samples, 0, PLAN_MAX_SAMPLES),
#undef NUMBER
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

json_t *plan_json(const struct plan *plan)
{
	json_t *object = json_object(), *cpus = json_array();

	for (size_t i = 0; i < NUMBERS; i++) {
		u64 value = 0;

		memcpy(&value, (const u8 *)plan + numbers[i].offset, numbers[i].size);
		compose_set(object, numbers[i].name, json_integer((json_int_t)value));
	}
	for (u32 i = 0; i < plan->cpu_count; i++)
		compose_add(cpus, json_integer(plan->cpu[i]));
	compose_set(object, "cpus", cpus);
	return object;
}

json_t *settings_json(const struct plan *plan, enum target_bit target)
{
	json_t *object = json_object();
	char word[SETTING_WORD];

	for (int i = 0; i < SETTINGS; i++)
		if (setting_taken(i, target))
			compose_set(object, setting_name(i),
				    compose_text(setting_value(plan, i, word, sizeof(word))));
	return object;
}

static int cpus_from_json(struct plan *plan, const json_t *cpus, char *why)
{
	size_t count = json_array_size(cpus);

	if (!json_is_array(cpus) || count > PLAN_MAX_CPUS)
		goto refuse;
	for (size_t i = 0; i < count; i++) {
		json_t *cpu = json_array_get(cpus, i);

		if (!json_is_integer(cpu) || json_integer_value(cpu) < 0 ||
		    json_integer_value(cpu) >= 0xffff)
			goto refuse;
		plan->cpu[i] = json_integer_value(cpu);
	}
	plan->cpu_count = count;
	return 0;
refuse:
	snprintf(why, HV_WHY, "plan.cpus is not a list of at most %d CPU numbers", PLAN_MAX_CPUS);
	return -EINVAL;
}

int plan_from_json(struct plan *plan, enum target_bit target, const json_t *plan_object,
		   const json_t *settings_object, char *why)
{
	char assignment[SETTING_ASSIGNMENT];
	struct plan with = {0};
	const char *key;
	json_t *value;
	int err;

	for (size_t i = 0; i < NUMBERS; i++) {
		json_t *number = json_object_get(plan_object, numbers[i].name);
		json_int_t integer = json_integer_value(number);

		if (!json_is_integer(number) || integer < 0 || (u64)integer < numbers[i].min ||
		    (u64)integer > numbers[i].max) {
			snprintf(why, HV_WHY, "plan.%s is not a number from %llu to %llu",
				 numbers[i].name, (unsigned long long)numbers[i].min,
				 (unsigned long long)numbers[i].max);
			return -EINVAL;
		}
		memcpy((u8 *)&with + numbers[i].offset, &integer, numbers[i].size);
	}
	err = cpus_from_json(&with, json_object_get(plan_object, "cpus"), why);
	if (err)
		return err;
	json_object_foreach ((json_t *)settings_object, key, value) {
		if (!json_is_string(value)) {
			snprintf(why, HV_WHY, "settings.%.64s is not a word", key);
			return -EINVAL;
		}
		snprintf(assignment, sizeof(assignment), "%s=%s", key, json_string_value(value));
		err = plan_set(&with, target, assignment, why);
		if (err)
			return err;
	}
	*plan = with;
	return 0;
}
