// SPDX-License-Identifier: GPL-2.0-or-later
#include "repeated.h"

#include <errno.h>
#include <string.h>

#include "../describe/describe.h"

/* Members of run.json in which repetitions of one measurement agree. */
static const char *const same[] = {
	"settings",	   "target.name",     "target.backend", "target.clock", "target.model",
	"target.kvm_kind", "host.cpu.vendor", "host.cpu.brand", "plan.vcpus",
};

static int refuse(const struct run *one, const struct run *other, const char *path, const char *key,
		  char *why)
{
	return why_say(why, -EDOM, "%s: differs from %s in %s%s%s: not one measurement repeated",
		       why_path(other->path), one->path, path, *key ? "." : "", key);
}

static int differ(const struct run *one, const struct run *other, const char *path,
		  const char *varied, char *why)
{
	const json_t *left = run_get(one, path), *right = run_get(other, path), *value;
	const char *key;

	if (left == right || (left && right && json_equal(left, right)))
		return 0;
	if (!json_is_object(left) || !json_is_object(right))
		return refuse(one, other, path, "", why);
	json_object_foreach ((json_t *)left, key, value)
		if ((!varied || strcmp(key, varied)) &&
		    !json_equal(value, json_object_get(right, key)))
			return refuse(one, other, path, key, why);
	json_object_foreach ((json_t *)right, key, value)
		if (!json_object_get(left, key))
			return refuse(one, other, path, key, why);
	return 0;
}

int show_repeated(struct run *const *run, size_t runs, const char *varied, char *why)
{
	double hz = describe_hz(run[0]);
	int error = 0;

	for (size_t i = 1; !error && i < runs; i++) {
		for (size_t j = 0; !error && j < sizeof(same) / sizeof(*same); j++)
			error = differ(run[0], run[i], same[j], varied, why);
		if (!error && !describe_same_rate(describe_hz(run[i]), hz))
			error = why_say(why, -EDOM,
					"%s: its clock has another rate than that of %s",
					why_path(run[i]->path), run[0]->path);
	}
	return error;
}
