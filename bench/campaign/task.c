// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "read.h"

char *campaign_task_name(const struct campaign *campaign, const struct campaign_task *task)
{
	const struct campaign_place *place = &campaign->place[task->place];
	const char *variant = campaign->variant[task->variant].name;

	if (place->slots == 1)
		return memory_format("%04u-%s-%s", task->round, place->name, variant);
	return memory_format("%04u-%s.%u-%s", task->round, place->name, task->slot, variant);
}

const struct campaign_task *campaign_find(const struct campaign *campaign, const char *text,
					  char *why)
{
	const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
	char *end;
	unsigned long long index = strtoull(digits, &end, 10);

	if (*digits >= '0' && *digits <= '9' && !*end && !colon && index < campaign->tasks)
		return &campaign->task[index];
	for (size_t i = 0;
	     colon && *digits >= '0' && *digits <= '9' && !*end && i < campaign->tasks; i++) {
		const char *name = campaign->place[campaign->task[i].place].name;

		if (campaign->task[i].index == index && strlen(name) == (size_t)(colon - text) &&
		    !strncmp(name, text, colon - text))
			return &campaign->task[i];
	}
	why_say(why, -ENOENT, "there is no task '%s': 0 to %zu, or PLACE:NUMBER", text,
		campaign->tasks - 1);
	return NULL;
}

/* "--set=KEY=VALUE" of each, or one option with a text or a number. */
static size_t add_option(char **option, const char *name, const json_t *value)
{
	const char *key;
	json_t *of;
	size_t count = 0;

	if (json_is_integer(value)) {
		option[count++] =
			memory_format("%s=%lld", name, (long long)json_integer_value(value));
	} else if (json_is_string(value)) {
		option[count++] = memory_format("%s=%s", name, json_string_value(value));
	} else {
		json_object_foreach ((json_t *)value, key, of)
			option[count++] =
				memory_format("%s=%s=%s", name, key, json_string_value(of));
	}
	return count;
}

char **campaign_options(const struct campaign *campaign, const struct campaign_task *task)
{
	const struct campaign_variant *variant = &campaign->variant[task->variant];
	size_t settings = json_object_size(json_object_get(variant->json, "set")), count = 0;
	char **option = memory_new(settings + 24, sizeof(*option));

	for (const struct member *member = variant_members; member->key; member++) {
		const json_t *value = json_object_get(variant->json, member->key);

		if (member->option && value)
			count += add_option(option + count, member->option, value);
	}
	option[count++] = memory_format("--label=campaign=%s", campaign->name);
	option[count++] = memory_format("--label=variant=%s", variant->name);
	option[count++] = memory_format("--label=round=%u", task->round);
	option[count++] = memory_format("--label=place=%s", campaign->place[task->place].name);
	return option;
}

void campaign_options_free(char **option)
{
	for (size_t i = 0; option && option[i]; i++)
		free(option[i]);
	free(option);
}

u32 campaign_limit(const struct campaign *campaign, const struct campaign_task *task)
{
	const json_t *limit = json_object_get(campaign->variant[task->variant].json, "limit_min");

	return limit ? json_integer_value(limit) : campaign->limit_min;
}
