// SPDX-License-Identifier: GPL-2.0-or-later
#include "flatten.h"

#include <stdio.h>
#include <string.h>

/* A path longer than this, or deeper than any of ours, is left out. */
#define PATH_BYTES 256
#define DEPTH	   8

struct work {
	int (*member)(void *arg, const char *path, const json_t *value);
	void *arg;
	char path[PATH_BYTES];
};

static int walk(struct work *work, const json_t *object, size_t used, int depth)
{
	const char *key;
	json_t *value;
	int error;

	json_object_foreach ((json_t *)object, key, value) {
		size_t length = strlen(key);

		if (json_is_null(value) || used + length + 2 > PATH_BYTES ||
		    (!used && !strcmp(key, "storms")))
			continue;
		memcpy(work->path + used, key, length + 1);
		if (!json_is_object(value)) {
			error = work->member(work->arg, work->path, value);
		} else if (depth < DEPTH) {
			work->path[used + length] = '.';
			error = walk(work, value, used + length + 1, depth + 1);
		} else {
			error = 0;
		}
		if (error)
			return error;
	}
	return 0;
}

int flatten(const json_t *run, int (*member)(void *arg, const char *path, const json_t *value),
	    void *arg)
{
	struct work work = {.member = member, .arg = arg};

	return walk(&work, run, 0, 0);
}
