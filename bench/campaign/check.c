// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "read.h"

#define MAX_NAME    64
#define MAX_MINUTES (7 * 24 * 60)

static const struct member plan_members[] = {
	{.key = "schema", .type = JSON_STRING, .required = true},
	{.key = "name", .type = JSON_STRING, .required = true},
	{.key = "runs", .type = JSON_STRING},
	{.key = "program", .type = JSON_STRING},
	{.key = "seed", .type = JSON_INTEGER, .max = INT64_MAX},
	{.key = "rounds", .type = JSON_INTEGER, .min = 1, .max = 1000000000},
	{.key = "limit_min", .type = JSON_INTEGER, .min = 1, .max = MAX_MINUTES},
	{.key = "hosts", .type = JSON_OBJECT},
	{.key = "variants", .type = JSON_OBJECT, .required = true},
	{.key = "slurm", .type = JSON_ARRAY},
	{.key = "kubernetes", .type = JSON_OBJECT},
	{},
};

static const struct member set_members[] = {
	{.key = "names", .type = JSON_ARRAY},
	{.key = "sets", .type = JSON_ARRAY},
	{.key = "count", .type = JSON_INTEGER, .min = 1, .max = 1000000000},
	{.key = "constraint", .type = JSON_STRING},
	{.key = "selector", .type = JSON_OBJECT},
	{},
};

const struct member variant_members[] = {
	{.key = "like", .type = JSON_STRING},
	{.key = "hosts", .type = JSON_ARRAY},
	{.key = "target", .type = JSON_STRING, .option = "--target"},
	{.key = "storms", .type = JSON_STRING, .option = "--storms"},
	{.key = "set", .type = JSON_OBJECT, .option = "--set"},
	{.key = "vary", .type = JSON_STRING, .option = "--vary"},
	{.key = "exits", .type = JSON_INTEGER, .min = 1, .max = INT64_MAX, .option = "--exits"},
	{.key = "repeats", .type = JSON_INTEGER, .min = 1, .max = 65535, .option = "--repeats"},
	{.key = "warmup", .type = JSON_INTEGER, .max = INT64_MAX, .option = "--warmup"},
	{.key = "vcpus", .type = JSON_INTEGER, .min = 1, .max = 65535, .option = "--vcpus"},
	{.key = "samples", .type = JSON_INTEGER, .max = INT64_MAX, .option = "--samples"},
	{.key = "time_s", .type = JSON_INTEGER, .min = 1, .max = 604800, .option = "--time"},
	{.key = "until", .type = JSON_STRING, .option = "--until"},
	{.key = "cpu", .type = JSON_STRING, .option = "--cpu"},
	{.key = "limit_min", .type = JSON_INTEGER, .min = 1, .max = MAX_MINUTES},
	{},
};

static const struct member kubernetes_members[] = {
	{.key = "image", .type = JSON_STRING, .required = true},
	{.key = "claim", .type = JSON_STRING, .required = true},
	{.key = "mount", .type = JSON_STRING, .required = true},
	{.key = "device", .type = JSON_STRING},
	{.key = "namespace", .type = JSON_STRING},
	{},
};

static const char *const type_name[] = {
	[JSON_OBJECT] = "an object",
	[JSON_ARRAY] = "a list of texts",
	[JSON_STRING] = "a text",
	[JSON_INTEGER] = "an integer",
};

/* Texts go into command lines and scripts. */
static bool is_text(const json_t *json)
{
	const char *text = json_string_value(json);

	if (!text || !*text || strlen(text) >= 4096)
		return false;
	while (*text && !iscntrl((unsigned char)*text))
		text++;
	return !*text;
}

static bool fits(const struct member *member, const json_t *value)
{
	const json_t *item;
	size_t i;

	if (json_typeof(value) != member->type)
		return false;
	if (member->type == JSON_STRING)
		return is_text(value);
	if (member->type == JSON_INTEGER)
		return json_integer_value(value) >= member->min &&
		       json_integer_value(value) <= member->max;
	json_array_foreach (value, i, item)
		if (!is_text(item))
			return false;
	return member->type != JSON_ARRAY || json_array_size(value);
}

static int wrong(const struct member *member, const char *where, char *why)
{
	if (member->type == JSON_INTEGER)
		return why_say(why, -EINVAL, "%s%s is not an integer from %lld to %lld", where,
			       member->key, (long long)member->min, (long long)member->max);
	return why_say(why, -EINVAL, "%s%s is not %s", where, member->key, type_name[member->type]);
}

/* `where`: "hosts.old." */
static int check_object(const json_t *object, const struct member *member, const char *where,
			char *why)
{
	const struct member *found;
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return why_say(why, -EINVAL, "%.*s is not an object",
			       *where ? (int)strlen(where) - 1 : 8, *where ? where : "the plan");
	json_object_foreach ((json_t *)object, key, value) {
		for (found = member; found->key && strcmp(found->key, key); found++)
			;
		if (!found->key)
			return why_say(why, -EINVAL, "%s%s is no member of a plan", where, key);
		if (!fits(found, value))
			return wrong(found, where, why);
	}
	for (; member->key; member++)
		if (member->required && !json_object_get(object, member->key))
			return why_say(why, -EINVAL, "%s%s is missing", where, member->key);
	return 0;
}

/* Names are parts of names of files. */
static int check_name(const char *where, const char *name, char *why)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	if (isalnum((unsigned char)*name) && strlen(name) <= MAX_NAME &&
	    !name[strspn(name, letters)])
		return 0;
	return why_say(why, -EINVAL,
		       "%s: '%s' is no name: up to %d letters, digits, '.', '_' and '-'", where,
		       name, MAX_NAME);
}

/* A list of names, or a text of its own for each member. */
static int check_names(const json_t *list, const char *where, char *why)
{
	json_t *item;
	size_t i;
	int error = 0;

	json_array_foreach (list, i, item)
		if (!error)
			error = check_name(where, json_string_value(item), why);
	return error;
}

static int check_texts(const json_t *object, const char *where, char *why)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value)
		if (!is_text(value))
			return why_say(why, -EINVAL, "%s%s is not a text", where, key);
	return 0;
}

static int check_set(const json_t *set, const char *where, char *why)
{
	bool names = json_object_get(set, "names"), sets = json_object_get(set, "sets"),
	     count = json_object_get(set, "count");
	int error = check_object(set, set_members, where, why);

	if (error)
		return error;
	if (names + sets + count != 1)
		return why_say(why, -EINVAL, "%.*s has not one of names, sets and count",
			       (int)strlen(where) - 1, where);
	error = check_names(json_object_get(set, "names"), where, why);
	return error ? error : check_texts(json_object_get(set, "selector"), where, why);
}

static int check_variant(const json_t *variant, const char *where, char *why)
{
	int error = check_object(variant, variant_members, where, why);

	return error ? error : check_texts(json_object_get(variant, "set"), where, why);
}

static int check_each(const json_t *objects, const char *of,
		      int (*check)(const json_t *, const char *where, char *why), char *why)
{
	char where[MAX_NAME + 32];
	const char *name;
	json_t *object;
	int error = 0;

	json_object_foreach ((json_t *)objects, name, object) {
		if (!error)
			error = check_name(of, name, why);
		snprintf(where, sizeof(where), "%s.%s.", of, name);
		if (!error)
			error = check(object, where, why);
	}
	return error;
}

int read_check(const json_t *json, char *why)
{
	const json_t *kubernetes = json_object_get(json, "kubernetes"),
		     *schema = json_object_get(json, "schema");
	int error;

	if (json_is_string(schema) && strcmp(json_string_value(schema), CAMPAIGN_SCHEMA))
		return why_say(why, -EINVAL, "schema is '%s', not %s", json_string_value(schema),
			       CAMPAIGN_SCHEMA);
	error = check_object(json, plan_members, "", why);
	if (!error)
		error = check_name("name", json_string_value(json_object_get(json, "name")), why);
	if (!error)
		error = check_each(json_object_get(json, "hosts"), "hosts", check_set, why);
	if (!error)
		error = check_each(json_object_get(json, "variants"), "variants", check_variant,
				   why);
	if (!error && kubernetes)
		error = check_object(kubernetes, kubernetes_members, "kubernetes.", why);
	return error;
}
