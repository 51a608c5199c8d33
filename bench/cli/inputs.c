// SPDX-License-Identifier: GPL-2.0-or-later
#include "inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/describe/describe.h"
#include "cli.h"
#include "runs.h"

/* These runs, its own from now on, as one side. */
static int add_side(struct sides *sides, struct run *const *run, size_t runs)
{
	struct compare_side *side = &sides->side[sides->count];
	char first[NAME_MAX + 1], *name;

	if (sides->count == MOST_SIDES)
		return cli_fail("more than %d runs beside each other", MOST_SIDES);
	describe_name(run[0], first, sizeof(first));
	name = malloc(sizeof(first) + 24);
	side->run = calloc(runs, sizeof(*side->run));
	if (!name || !side->run) {
		free(name);
		free(side->run);
		return cli_fail("no memory");
	}
	sprintf(name, runs > 1 ? "%s+%zu" : "%s", first, runs - 1);
	memcpy(side->run, run, runs * sizeof(struct run *));
	side->runs = runs;
	side->label = name;
	sides->name[sides->count++] = name;
	return STATUS_OK;
}

int sides_add(struct sides *sides, const char *operand)
{
	bool group = strchr(operand, ',') && access(operand, F_OK);
	char *copy = strdup(operand), *rest = copy, *path;
	struct runs runs = {0};
	size_t taken = 0;
	int status = copy ? STATUS_OK : cli_fail("no memory");

	while (status == STATUS_OK && (path = strsep(&rest, group ? "," : "")))
		status = runs_add(&runs, path);
	while (status == STATUS_OK && taken < runs.count) {
		size_t n = group ? runs.count : 1;

		status = add_side(sides, &runs.run[taken], n);
		taken += status == STATUS_OK ? n : 0;
	}
	sides->named |= !group && runs.count > 1;
	/* What no side has taken. */
	while (runs.count > taken)
		run_close(runs.run[--runs.count]);
	free(runs.run);
	free(copy);
	return status;
}

size_t sides_find(const struct sides *sides, const char *text)
{
	for (size_t i = 0; i < sides->count; i++)
		if (!strcmp(text, sides->name[i]) || !strcmp(text, sides->side[i].run[0]->path))
			return i;
	return runs_number(text, sides->count);
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
