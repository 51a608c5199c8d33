// SPDX-License-Identifier: GPL-2.0-or-later
#include "differences.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../../results/why.h"

#define PATH_BYTES 256
#define SAME	   1e-6 /* relative */

static int walk(const char *path, const json_t *const *values, size_t count,
		difference_found *found, void *arg);

static int walk_objects(const char *path, const json_t *const *values, size_t count,
			difference_found *found, void *arg)
{
	const json_t **below = memory_new(count, sizeof(*below));
	json_t *keys = json_object(), *value;
	char name[PATH_BYTES];
	const char *key;
	int all = 0;

	for (size_t i = 0; i < count; i++)
		compose_update(keys, json_incref((json_t *)values[i]));
	json_object_foreach (keys, key, value) {
		for (size_t i = 0; i < count; i++)
			below[i] = json_object_get(values[i], key);
		snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "", key);
		all += walk(why_clean(name), below, count, found, arg);
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
	static const char *const parts[] = {"tool",	"target", "host",  "settings",
					    "controls", "plan",	  "labels"};
	const json_t **values = memory_new(count, sizeof(*values));
	int all = 0;

	for (size_t part = 0; part < sizeof(parts) / sizeof(*parts); part++) {
		for (size_t i = 0; i < count; i++)
			values[i] = json_object_get(runs[i], parts[part]);
		all += walk(parts[part], values, count, found, arg);
	}
	free(values);
	return all;
}

char *differences_text(const json_t *value)
{
	if (!value || json_is_null(value))
		return memory_text("-");
	if (json_is_string(value))
		return why_clean(memory_text(json_string_value(value)));
	return compose_print(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS |
					    JSON_REAL_PRECISION(12));
}

static char *quoted(const json_t *value)
{
	return value ? compose_print(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS |
						    JSON_REAL_PRECISION(12))
		     : memory_text("(not there)");
}

static void print_one(void *arg, const char *path, const json_t *const *values)
{
	char *before = quoted(values[0]), *now = quoted(values[1]);

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
