// SPDX-License-Identifier: GPL-2.0-or-later
#include "read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"

/* A chain of sets or of variants that is longer than this has a cycle. */
#define MAX_DEPTH 32

static size_t find_place(const struct campaign *campaign, const char *name)
{
	size_t i = 0;

	while (i < campaign->places && strcmp(campaign->place[i].name, name))
		i++;
	return i;
}

static void add_place(struct campaign *campaign, const char *name, const json_t *set, u32 slots,
		      bool host)
{
	/* A host may be in several sets. */
	if (find_place(campaign, name) < campaign->places)
		return;
	campaign->place =
		memory_resize(campaign->place, campaign->places + 1, sizeof(*campaign->place));
	campaign->place[campaign->places++] = (struct campaign_place){
		.name = memory_text(name), .set = set, .host = host, .slots = slots};
}

int read_places(struct campaign *campaign, char *why)
{
	const json_t *hosts = json_object_get(campaign->json, "hosts");
	const char *name;
	json_t *set, *host;
	size_t i;

	json_object_foreach ((json_t *)hosts, name, set) {
		const json_t *names = json_object_get(set, "names");
		u32 count = json_integer_value(json_object_get(set, "count"));

		json_array_foreach (names, i, host)
			add_place(campaign, json_string_value(host), set, 1, true);
		if (count && find_place(campaign, name) < campaign->places)
			return why_say(why, -EINVAL, "hosts: '%s' is a set and a host", name);
		if (count)
			add_place(campaign, name, set, count, false);
	}
	if (!campaign->places)
		add_place(campaign, "any", NULL, 1, false);
	return 0;
}

/* Marks the places of a set. */
static int mark_set(const struct campaign *campaign, const char *name, bool *at, int depth,
		    char *why)
{
	const json_t *set = json_object_get(json_object_get(campaign->json, "hosts"), name);
	const json_t *names = json_object_get(set, "names"), *sets = json_object_get(set, "sets");
	json_t *item;
	size_t i;
	int error = 0;

	if (!set)
		return why_say(why, -EINVAL, "hosts: there is no set '%s'", name);
	if (depth == MAX_DEPTH)
		return why_say(why, -EINVAL, "hosts: the set '%s' contains itself", name);
	if (json_object_get(set, "count"))
		at[find_place(campaign, name)] = true;
	json_array_foreach (names, i, item)
		at[find_place(campaign, json_string_value(item))] = true;
	json_array_foreach (sets, i, item)
		if (!error)
			error = mark_set(campaign, json_string_value(item), at, depth + 1, why);
	return error;
}

static int mark_places(const struct campaign *campaign, struct campaign_variant *variant, char *why)
{
	const json_t *sets = json_object_get(variant->json, "hosts");
	json_t *name;
	size_t i;
	int error = 0;

	variant->at = memory_new(campaign->places, sizeof(*variant->at));
	for (i = 0; !sets && i < campaign->places; i++)
		variant->at[i] = true;
	json_array_foreach (sets, i, name)
		if (!error)
			error = mark_set(campaign, json_string_value(name), variant->at, 0, why);
	return error;
}

/* Adds the members that `json` lacks; settings are taken one by one. */
static void inherit(json_t *json, const json_t *from)
{
	json_t *set = json_object_get(json, "set"), *more = json_object_get(from, "set");

	if (set && more)
		json_object_update_missing(set, more);
	json_object_update_missing(json, (json_t *)from);
}

/* A variant with all members of those that it is like. */
static int resolve(const struct campaign *campaign, struct campaign_variant *variant, char *why)
{
	const json_t *all = json_object_get(campaign->json, "variants");
	const char *name = variant->name;
	int depth = 0;

	variant->json = compose_copy(json_object_get(all, name));
	while ((name = json_string_value(json_object_get(variant->json, "like")))) {
		json_t *like = json_object_get(all, name), *copy;

		if (!like)
			return why_say(why, -EINVAL, "variants.%s.like: there is no variant '%s'",
				       variant->name, name);
		if (++depth == MAX_DEPTH)
			return why_say(why, -EINVAL, "variants.%s.like: it is like itself, by '%s'",
				       variant->name, name);
		copy = compose_copy(like);
		json_object_del(variant->json, "like");
		inherit(variant->json, copy);
		json_decref(copy);
	}
	return 0;
}

int read_variants(struct campaign *campaign, char *why)
{
	json_t *all = json_object_get(campaign->json, "variants"), *json;
	const char *name;
	int error = 0;

	if (!json_object_size(all))
		return why_say(why, -EINVAL, "variants: there is none");
	campaign->variant = memory_new(json_object_size(all), sizeof(*campaign->variant));
	json_object_foreach (all, name, json) {
		struct campaign_variant *variant = &campaign->variant[campaign->variants++];

		variant->name = name;
		if (!error)
			error = resolve(campaign, variant, why);
		if (!error)
			error = mark_places(campaign, variant, why);
	}
	return error;
}
