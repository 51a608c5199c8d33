// SPDX-License-Identifier: GPL-2.0-or-later
#include "choose.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/describe/describe.h"
#include "../../results/memory.h"
#include "../storms/storm.h"

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

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[");
}

static int unknown(const char *pattern, const char *const *names, size_t count, const char *where)
{
	const char *nearest = is_pattern(pattern) ? NULL : cli_nearest(pattern, names, count);

	if (nearest)
		return cli_usage("no storm '%s'%s%s; did you mean '%s'?", pattern,
				 where ? " in " : "", where ? where : "", nearest);
	if (where)
		return cli_usage("no storm '%s' in %s", pattern, where);
	return cli_usage("no storm '%s'; 'exitstorm list --all' has all", pattern);
}

static int check(const char *list, const char *const *names, size_t count, const char *where)
{
	char *copy = memory_text(list), *rest = copy, *pattern;
	int status = STATUS_OK;

	while (status == STATUS_OK && (pattern = strsep(&rest, ",")))
		if (!matches_any(pattern, names, count))
			status = unknown(pattern, names, count, where);
	free(copy);
	return status;
}

int choose_check_storms(const char *list)
{
	const char **names = memory_new(storm_count, sizeof(*names));
	int status;

	for (u32 i = 0; i < storm_count; i++)
		names[i] = storms[i].name;
	status = check(list, names, storm_count, NULL);
	free(names);
	return status;
}

static size_t storms_of(struct run *const *run, size_t runs)
{
	size_t storms = 0;

	for (size_t i = 0; i < runs; i++)
		storms += run[i]->storms;
	return storms;
}

int choose_check_runs(const char *list, struct run *const *run, size_t runs)
{
	size_t count = 0;
	const char **names;
	int status;

	if (!list)
		return STATUS_OK;
	names = memory_new(storms_of(run, runs), sizeof(*names));
	for (size_t i = 0; i < runs; i++)
		for (size_t j = 0; j < run[i]->storms; j++)
			names[count++] = run[i]->storm[j].name;
	status = check(list, names, count, runs == 1 ? why_path(run[0]->path) : "any of the runs");
	free(names);
	return status;
}

static void add_name(const char **names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (!strcmp(names[i], name))
			return;
	names[(*count)++] = name;
}

static void add_matches(const char **names, size_t *count, const char *pattern,
			struct run *const *run, size_t runs, bool with_figures)
{
	for (size_t i = 0; i < runs; i++)
		for (size_t j = 0; j < run[i]->storms; j++) {
			const struct run_storm *storm = &run[i]->storm[j];

			if (!fnmatch(pattern, storm->name, 0) &&
			    (!with_figures || describe_measured(storm)))
				add_name(names, count, storm->name);
		}
}

const char **choose_names(const char *list, struct run *const *run, size_t runs, size_t *count)
{
	char *copy = memory_text(list), *rest = copy, *pattern;
	const char **names = memory_new(storms_of(run, runs) + 1, sizeof(*names));

	*count = 0;
	while ((pattern = strsep(&rest, ","))) {
		size_t before = *count;

		if (is_pattern(pattern))
			add_matches(names, count, pattern, run, runs, true);
		if (*count == before)
			add_matches(names, count, pattern, run, runs, false);
	}
	free(copy);
	return names;
}

int choose_keep(const char *list, struct run *const *run, size_t runs)
{
	int status = choose_check_runs(list, run, runs);

	for (size_t i = 0; list && status == STATUS_OK && i < runs; i++)
		run_keep(run[i], choose_wants, (void *)list);
	return status;
}
