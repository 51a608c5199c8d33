// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../hv/hv.h"
#include "../../trace/counters.h"
#include "../../trace/range.h"
#include "../../trace/stamps.h"
#include "number.h"

static const struct {
	const char *name, *values, *text;
	unsigned int targets;
} table[SETTINGS] = {
#define WORD(enumerator, word) "|" word
#define NUMBER(ID, max, unit)  "|0.." #max
#define SETTING(ID, name, targets, values, text) \
	[SETTING_##ID] = {name, &(values)[1], text, (unsigned int)(targets)},
#include "settings.def"
};

/* Of numbers. */
static const struct {
	u32 max;
	const char *unit;
} ranges[SETTINGS] = {
#define WORD(enumerator, word)
#define NUMBER(ID, max, unit)			 [SETTING_##ID] = {max, unit},
#define SETTING(ID, name, targets, values, text) values
#include "settings.def"
};

const char *setting_name(enum setting setting)
{
	return table[setting].name;
}

const char *setting_text(enum setting setting)
{
	return table[setting].text;
}

const char *setting_values(enum setting setting)
{
	return table[setting].values;
}

const char *setting_unit(enum setting setting)
{
	return ranges[setting].unit;
}

u32 setting_max(enum setting setting)
{
	return ranges[setting].max;
}

bool setting_taken(enum setting setting, enum target_bit target)
{
	return table[setting].targets & (unsigned int)target;
}

const char *setting_word(enum setting setting, unsigned int index, char *word, size_t size)
{
	const char *at = table[setting].values;
	size_t length;

	if (ranges[setting].unit)
		return NULL;
	for (; index; index--) {
		at = strchr(at, '|');
		if (!at)
			return NULL;
		at++;
	}
	length = strcspn(at, "|");
	if (length >= size)
		return NULL;
	memcpy(word, at, length);
	word[length] = 0;
	return word;
}

const char *setting_value(const struct plan *plan, enum setting setting, char *word, size_t size)
{
	if (setting == SETTING_COUNTERS && plan->setting[setting] == COUNTERS_LIST)
		return plan->counters;
	if (ranges[setting].unit) {
		snprintf(word, size, "%u", plan->setting[setting]);
		return plan->setting[setting] <= ranges[setting].max ? word : NULL;
	}
	return setting_word(setting, plan->setting[setting], word, size);
}

/* Words of earlier versions. */
static const struct {
	enum setting setting;
	const char *word;
	int index;
} earlier[] = {
	{SETTING_PATH, "lean", PATH_FAST},
	{SETTING_CHECK, "msr_store", CHECK_HOST_LOAD},
};

/* -1: not one of the setting's words. */
static int word_index(enum setting setting, const char *value)
{
	const char *at = table[setting].values;

	for (size_t i = 0; i < sizeof(earlier) / sizeof(earlier[0]); i++)
		if (setting == earlier[i].setting && !strcmp(value, earlier[i].word))
			return earlier[i].index;
	for (int index = 0;; index++) {
		size_t length = strcspn(at, "|");

		if (strlen(value) == length && !strncmp(at, value, length))
			return index;
		if (!at[length])
			return -1;
		at += length + 1;
	}
}

int setting_find(const char *name, size_t length)
{
	for (int i = 0; i < SETTINGS; i++)
		if (strlen(table[i].name) == length && !strncmp(table[i].name, name, length))
			return i;
	return -1;
}

static void setting_names(char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (int i = 0; i < SETTINGS && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s", i ? ", " : "", table[i].name);
}

/* The one setting whose values are a list of the user's. */
static int set_counters(struct plan *plan, const char *list, char *why)
{
	char fault[COUNTERS_WHY];
	size_t length = strlen(list);

	if (!strcmp(list, "none")) {
		plan->setting[SETTING_COUNTERS] = COUNTERS_NONE;
		memset(plan->counters, 0, sizeof(plan->counters));
		return 0;
	}
	if (length >= sizeof(plan->counters)) {
		snprintf(why, HV_WHY, "counters: a list of more than %zu bytes",
			 sizeof(plan->counters) - 1);
		return -EINVAL;
	}
	if (counters_check(list, fault)) {
		snprintf(why, HV_WHY, "counters: %.240s", fault);
		return -EINVAL;
	}
	if (counters_missing) {
		snprintf(why, HV_WHY, "counters: %s", counters_missing);
		return -EINVAL;
	}
	plan->setting[SETTING_COUNTERS] = COUNTERS_LIST;
	memset(plan->counters, 0, sizeof(plan->counters));
	for (size_t i = 0; i < length; i++) /* the comma separates the values of --vary */
		plan->counters[i] = list[i] == '+' ? ',' : list[i];
	return 0;
}

static int set_number(struct plan *plan, enum setting setting, enum target_bit target,
		      const char *text, char *why)
{
	u64 number;

	if (!number_read(text, 1000, &number) || number > ranges[setting].max) {
		snprintf(why, HV_WHY, "%s cannot be '%.64s': it takes %s (%s)", table[setting].name,
			 text, table[setting].values, ranges[setting].unit);
		return -EINVAL;
	}
	if (setting == SETTING_DELAY && target & TARGET_RAW && !hv_delay_fits(number)) {
		snprintf(why, HV_WHY,
			 "delay cannot be %llu instructions: it takes 0 or an even number from %d",
			 (unsigned long long)number, HV_MIN_DELAY);
		return -EINVAL;
	}
	plan->setting[setting] = number;
	return 0;
}

int plan_set(struct plan *plan, enum target_bit target, const char *assignment, char *why)
{
	const char *equals = strchr(assignment, '=');
	char names[128];
	int setting, index;

	if (!equals) {
		snprintf(why, HV_WHY, "'%.64s' is not KEY=VALUE", assignment);
		return -EINVAL;
	}
	setting = setting_find(assignment, equals - assignment);
	if (setting < 0) {
		setting_names(names, sizeof(names));
		snprintf(why, HV_WHY, "unknown setting '%.*s': there are %s",
			 (int)(equals - assignment > 64 ? 64 : equals - assignment), assignment,
			 names);
		return -EINVAL;
	}
	if (!setting_taken(setting, target)) {
		snprintf(why, HV_WHY, "setting '%s' is not one of this target's",
			 table[setting].name);
		return -EINVAL;
	}
	if (setting == SETTING_COUNTERS)
		return set_counters(plan, equals + 1, why);
	if (ranges[setting].unit)
		return set_number(plan, setting, target, equals + 1, why);
	index = word_index(setting, equals + 1);
	if (index < 0) {
		snprintf(why, HV_WHY, "%s cannot be '%.64s': it takes %s", table[setting].name,
			 equals + 1, table[setting].values);
		return -EINVAL;
	}
	if (setting == SETTING_EBPF && index == EBPF_ON && stamps_missing) {
		snprintf(why, HV_WHY, "ebpf: %s", stamps_missing);
		return -EINVAL;
	}
	plan->setting[setting] = index;
	return 0;
}

void plan_defaults(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->exits = PLAN_EXITS;
	plan->warmup = PLAN_WARMUP;
	plan->seed = PLAN_SEED;
	plan->repeats = PLAN_REPEATS;
	plan->vcpus = PLAN_VCPUS;
	plan->samples = PLAN_SAMPLES;
}

static int cpus_refuse(const char *list, char *why)
{
	snprintf(why, HV_WHY,
		 "'%.64s' is not a list of CPUs such as 0,2-4 (each once, at most %d of them)",
		 list, PLAN_MAX_CPUS);
	return -EINVAL;
}

int plan_cpus(struct plan *plan, const char *list, char *why)
{
	struct plan with = *plan;
	const char *at = list;

	with.cpu_count = 0;
	for (;;) {
		unsigned long first, last;

		if (!range_next(&at, &first, &last) || last >= 0xffff)
			return cpus_refuse(list, why);
		for (; first <= last; first++) {
			if (with.cpu_count == PLAN_MAX_CPUS)
				return cpus_refuse(list, why);
			for (u32 i = 0; i < with.cpu_count; i++)
				if (with.cpu[i] == first)
					return cpus_refuse(list, why);
			with.cpu[with.cpu_count++] = first;
		}
		if (!*at)
			break;
		if (*at++ != ',')
			return cpus_refuse(list, why);
	}
	*plan = with;
	return 0;
}
