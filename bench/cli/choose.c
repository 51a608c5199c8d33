// SPDX-License-Identifier: GPL-2.0-or-later
#include "choose.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"

bool choose_wants(void *list, const char *storm)
{
	char *copy = memory_text(list), *rest = copy, *pattern;
	bool wanted = false;

	while ((pattern = strsep(&rest, ",")))
		wanted |= !fnmatch(pattern, storm, 0);
	free(copy);
	return wanted;
}

static bool matches_any(const char *pattern, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!fnmatch(pattern, names[i], 0))
			return true;
	return false;
}

static int unknown(const char *pattern, const char *const *names, size_t count, const char *where)
{
	const char *nearest = strpbrk(pattern, "*?[") ? NULL : cli_nearest(pattern, names, count);

	if (nearest)
		return cli_usage("no storm '%s' in %s; did you mean '%s'?", pattern, where,
				 nearest);
	return cli_usage("no storm '%s' in %s", pattern, where);
}

int choose_check(const char *list, const char *const *names, size_t count, const char *where)
{
	char *copy = memory_text(list), *rest = copy, *pattern;
	int status = STATUS_OK;

	while (status == STATUS_OK && (pattern = strsep(&rest, ",")))
		if (!matches_any(pattern, names, count))
			status = unknown(pattern, names, count, where);
	free(copy);
	return status;
}

int choose_check_runs(const char *list, struct run *const *run, size_t runs)
{
	size_t count = 0, storms = 0;
	const char **names;
	int status;

	if (!list)
		return STATUS_OK;
	for (size_t i = 0; i < runs; i++)
		storms += run[i]->storms;
	names = memory_new(storms, sizeof(*names));
	for (size_t i = 0; i < runs; i++)
		for (size_t j = 0; j < run[i]->storms; j++)
			names[count++] = run[i]->storm[j].name;
	status = choose_check(list, names, count,
			      runs == 1 ? why_path(run[0]->path) : "any of the runs");
	free(names);
	return status;
}

int choose_keep(struct run *run, const char *list)
{
	int status = choose_check_runs(list, &run, 1);

	if (list && status == STATUS_OK)
		run_keep(run, choose_wants, (void *)list);
	return status;
}
