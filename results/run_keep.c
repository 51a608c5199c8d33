// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a run in memory, or of some of its storms. */
#include <stdlib.h>

#include "compose.h"
#include "run.h"

static void free_storm(struct run_storm *storm)
{
	for (size_t leg = 0; leg < LEGS; leg++)
		free(storm->leg[leg].site);
	free(storm->cache);
	free(storm->samples);
	free(storm->why);
	free(storm->status);
	free(storm->kind);
	free(storm->name);
}

void run_close(struct run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->storms; i++)
		free_storm(&run->storm[i]);
	free(run->storm);
	json_decref(run->by_name);
	json_decref(run->json);
	free(run->path);
	free(run);
}

void run_keep(struct run *run, bool (*wanted)(void *arg, const char *storm), void *arg)
{
	json_t *kept = json_array();
	size_t count = run->storms;

	json_object_clear(run->by_name);
	run->storms = 0;
	for (size_t i = 0; i < count; i++) {
		struct run_storm *storm = &run->storm[i];

		if (!wanted(arg, storm->name)) {
			free_storm(storm);
			continue;
		}
		compose_add(kept, json_incref(storm->json));
		compose_set(run->by_name, storm->name, json_integer(run->storms));
		run->storm[run->storms++] = *storm;
	}
	compose_set(run->json, "storms", kept);
}
