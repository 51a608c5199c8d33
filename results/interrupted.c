// SPDX-License-Identifier: GPL-2.0-or-later
#include "interrupted.h"

#include <stdlib.h>

#include "fields.h"
#include "run.h"

/* Of how many storms it is a part, and how much of each array belongs to it. */
int interrupted_check(const json_t *json, char *why)
{
	json_t *object = json_object_get(json, "interrupted"), *items;
	const char *where = "interrupted", *key;
	static const char *const counts[] = {"storms", "complete", "repeats", "repeats_done"};
	u64 count;
	char *at = NULL;
	int error;

	if (!object)
		return 0;
	if (!json_is_object(object) || !json_is_object(json_object_get(object, "arrays")))
		return field_wrong(why, "", where, "is not an object with arrays");
	error = field_string(object, "at", where, &at, why);
	free(at);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && !error; i++)
		error = field_count(object, counts[i], where, true, &count, why);
	json_object_foreach (json_object_get(object, "arrays"), key, items)
		if (!error)
			error = field_count(json_object_get(object, "arrays"), key,
					    "interrupted.arrays", true, &count, why);
	return error;
}

const json_t *run_interrupted(const struct run *run)
{
	return json_object_get(run->json, "interrupted");
}
