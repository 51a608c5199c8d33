// SPDX-License-Identifier: GPL-2.0-or-later
#include "sides.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_run(const char *path)
{
	char *json;
	bool is;

	if (asprintf(&json, "%s/run.json", path) < 0)
		return false;
	is = !access(json, F_OK);
	free(json);
	return is;
}

static int add_run(struct compare_side *side, const char *path, char *why)
{
	struct run **grown = realloc(side->run, (side->runs + 1) * sizeof(*grown));
	int error;

	if (!grown) {
		snprintf(why, RUN_WHY, "no memory");
		return -ENOMEM;
	}
	side->run = grown;
	error = run_open(path, &side->run[side->runs], why);
	side->runs += !error;
	return error;
}

/* The last part of a path, without the slashes at its end. */
static char *last_part(const char *path)
{
	size_t end = strlen(path), begin;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (begin = end; begin && path[begin - 1] != '/'; begin--)
		;
	return strndup(path + begin, end - begin);
}

static struct compare_side *new_side(struct sides *sides, const char *path, char *why)
{
	char *name;

	if (sides->count == MOST_SIDES) {
		snprintf(why, RUN_WHY, "more than %d runs beside each other", MOST_SIDES);
		return NULL;
	}
	name = last_part(path);
	if (!name) {
		snprintf(why, RUN_WHY, "no memory");
		return NULL;
	}
	sides->name[sides->count] = name;
	sides->side[sides->count].label = name;
	return &sides->side[sides->count++];
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_folder(struct sides *sides, const char *path, char *why)
{
	struct dirent **list = NULL;
	int n = scandir(path, &list, not_hidden, versionsort), error = 0;
	size_t before = sides->count;

	for (int i = 0; i < n; i++) {
		char *below = NULL;

		if (!error && asprintf(&below, "%s/%s", path, list[i]->d_name) < 0) {
			snprintf(why, RUN_WHY, "no memory");
			below = NULL;
			error = -ENOMEM;
		}
		if (!error && is_run(below)) {
			struct compare_side *side = new_side(sides, below, why);

			error = side ? add_run(side, below, why) : -E2BIG;
		}
		free(below);
		free(list[i]);
	}
	free(list);
	if (!error && sides->count == before) {
		snprintf(why, RUN_WHY, "%.150s: neither a run nor a folder of runs", path);
		error = -EINVAL;
	}
	sides->named |= sides->count - before > 1;
	return error;
}

static int add_group(struct sides *sides, const char *operand, char *why)
{
	struct compare_side *side = new_side(sides, operand, why);
	char *copy = strdup(operand), *rest = copy, *path;
	int error = side && copy ? 0 : -ENOMEM;

	if (side && !copy)
		snprintf(why, RUN_WHY, "no memory");
	while (!error && (path = strsep(&rest, ",")))
		error = add_run(side, path, why);
	free(copy);
	return error;
}

int sides_add(struct sides *sides, const char *operand, char *why)
{
	struct compare_side *side;

	if (!is_run(operand) && strchr(operand, ',') && access(operand, F_OK))
		return add_group(sides, operand, why);
	if (*operand && !is_run(operand) && !access(operand, F_OK))
		return add_folder(sides, operand, why);
	side = new_side(sides, operand, why);
	return side ? add_run(side, operand, why) : -E2BIG;
}

size_t sides_find(const struct sides *sides, const char *text)
{
	char *end;
	unsigned long number;

	for (size_t i = 0; i < sides->count; i++)
		if (!strcmp(text, sides->name[i]) || !strcmp(text, sides->side[i].run[0]->path))
			return i;
	number = strtoul(text, &end, 10);
	return *text && !*end && number >= 1 && number <= sides->count ? number - 1 : sides->count;
}

void sides_label(struct sides *sides, size_t base)
{
	if (sides->count == 2 && !sides->named) {
		sides->side[base].label = "base";
		sides->side[!base].label = "new";
		return;
	}
	/* Two folders of one name are told apart by their paths. */
	for (size_t i = 0; i < sides->count; i++)
		for (size_t j = 0; j < sides->count; j++)
			if (i != j && !strcmp(sides->name[i], sides->name[j]))
				sides->side[i].label = sides->side[i].run[0]->path;
}

void sides_close(struct sides *sides)
{
	for (size_t i = 0; i < sides->count; i++) {
		for (size_t j = 0; j < sides->side[i].runs; j++)
			run_close(sides->side[i].run[j]);
		free(sides->side[i].run);
		free(sides->name[i]);
	}
}
