// SPDX-License-Identifier: GPL-2.0-or-later
#include "differences.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 256
#define SAME	   1e-6 /* relative */

static char *value_text(const json_t *value)
{
	return value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII |
						 JSON_SORT_KEYS | JSON_REAL_PRECISION(12))
		     : strdup("(not there)");
}

static int line_print(const char *path, const json_t *before, const json_t *now, FILE *out)
{
	char *left = value_text(before), *right = value_text(now);

	if (left && right)
		fprintf(out, "  %s\n    was %s\n    is  %s\n", path, left, right);
	free(left);
	free(right);
	return 1;
}

static int compare(const char *path, const json_t *before, const json_t *now, FILE *out);

static int compare_objects(const char *path, const json_t *before, const json_t *now, FILE *out)
{
	json_t *keys = json_object(), *value;
	char below[PATH_BYTES];
	const char *key;
	int found = 0;

	json_object_update(keys, (json_t *)before);
	json_object_update(keys, (json_t *)now);
	json_object_foreach (keys, key, value) {
		snprintf(below, sizeof(below), "%s.%s", path, key);
		found += compare(below, json_object_get(before, key), json_object_get(now, key),
				 out);
	}
	json_decref(keys);
	return found;
}

/* A clock that is measured anew is not another clock. */
static int same_number(const json_t *before, const json_t *now)
{
	double left = json_number_value(before), right = json_number_value(now);

	return fabs(left - right) <= SAME * fabs(left);
}

/* How many differences there are, each of them printed. */
static int compare(const char *path, const json_t *before, const json_t *now, FILE *out)
{
	if (json_is_number(before) && json_is_number(now) && same_number(before, now))
		return 0;
	if (json_is_object(before) && json_is_object(now))
		return compare_objects(path, before, now, out);
	if (before && now && json_equal(before, now))
		return 0;
	return line_print(path, before, now, out);
}

void differences_print(const struct run *before, const json_t *now, FILE *out)
{
	static const char *const parts[] = {"tool",	"target",   "host",
					    "settings", "controls", "plan"};
	int found = 0;

	fprintf(out, "\nWhat differs from the run that this one repeats:\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		found += compare(parts[i], json_object_get(before->json, parts[i]),
				 json_object_get(now, parts[i]), out);
	if (!found)
		fprintf(out, "  nothing\n");
}
