// SPDX-License-Identifier: GPL-2.0-or-later
#include "differences.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 256
#define SAME	   1e-6 /* relative */

static int walk(const char *path, const json_t *const *values, size_t count,
		difference_found *found, void *arg);

static int walk_objects(const char *path, const json_t *const *values, size_t count,
			difference_found *found, void *arg)
{
	const json_t **below = calloc(count, sizeof(*below));
	json_t *keys = json_object(), *value;
	char name[PATH_BYTES];
	const char *key;
	int all = 0;

	if (!below || !keys)
		all = -ENOMEM;
	for (size_t i = 0; all == 0 && i < count; i++)
		if (json_object_update(keys, (json_t *)values[i]))
			all = -ENOMEM;
	json_object_foreach (keys, key, value) {
		int one;

		if (all < 0)
			break;
		for (size_t i = 0; i < count; i++)
			below[i] = json_object_get(values[i], key);
		snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "", key);
		one = walk(name, below, count, found, arg);
		all = one < 0 ? one : all + one;
	}
	json_decref(keys);
	free(below);
	return all;
}

/* Numbers are equal within measurement error: the TSC's rate is measured for each run. */
static bool same(const json_t *one, const json_t *other)
{
	if (json_is_number(one) && json_is_number(other)) {
		double left = json_number_value(one), right = json_number_value(other);

		return fabs(left - right) <= SAME * fabs(left);
	}
	return one == other || (one && other && json_equal(one, other));
}

static int walk(const char *path, const json_t *const *values, size_t count,
		difference_found *found, void *arg)
{
	bool objects = true, equal = true;

	for (size_t i = 0; i < count; i++) {
		objects &= json_is_object(values[i]);
		equal &= same(values[0], values[i]);
	}
	if (equal)
		return 0;
	if (objects)
		return walk_objects(path, values, count, found, arg);
	found(arg, path, values);
	return 1;
}

int differences_each(const json_t *const *runs, size_t count, difference_found *found, void *arg)
{
	static const char *const parts[] = {"tool",	"target",   "host",
					    "settings", "controls", "plan"};
	const json_t **values = calloc(count, sizeof(*values));
	int all = values ? 0 : -ENOMEM;

	for (size_t part = 0; all >= 0 && part < sizeof(parts) / sizeof(*parts); part++) {
		int one;

		for (size_t i = 0; i < count; i++)
			values[i] = json_object_get(runs[i], parts[part]);
		one = walk(parts[part], values, count, found, arg);
		all = one < 0 ? one : all + one;
	}
	free(values);
	return all;
}

char *differences_text(const json_t *value)
{
	if (!value || json_is_null(value))
		return strdup("-");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII |
					 JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
}

static char *quoted(const json_t *value)
{
	return value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII |
						 JSON_SORT_KEYS | JSON_REAL_PRECISION(12))
		     : strdup("(not there)");
}

static void print_one(void *arg, const char *path, const json_t *const *values)
{
	char *before = quoted(values[0]), *now = quoted(values[1]);

	if (before && now)
		fprintf(arg, "  %s\n    was %s\n    is  %s\n", path, before, now);
	free(before);
	free(now);
}

void differences_print(const struct run *before, const json_t *now, FILE *out)
{
	const json_t *runs[] = {before->json, now};

	fprintf(out, "\n"
		     "Differences from the run that this one repeats:\n");
	if (!differences_each(runs, 2, print_one, out))
		fprintf(out, "  nothing\n");
}
