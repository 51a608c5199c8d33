// SPDX-License-Identifier: GPL-2.0-or-later
#include "save.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "../../analysis/stats/figures.h"
#include "../../results/memory.h"
#include "../../trace/stamp.h"
#include "../machine/environment.h"
#include "save_events.h"
#include "saved_storms.h"

#define ANCHORS_APART 10000000 /* ns */

/* Reads both clocks together: of 16 attempts the one with the shortest TSC interval counts. */
static struct anchor read_both_clocks(void)
{
	struct anchor anchor = {0};
	u64 min = ~0ULL;

	for (int i = 0; i < 16; i++) {
		struct timespec time;
		u64 before = stamp_fenced(), after;

		clock_gettime(CLOCK_MONOTONIC, &time);
		after = stamp_fenced();
		if (after - before >= min)
			continue;
		min = after - before;
		anchor.ticks = before + min / 2;
		anchor.ns = (u64)time.tv_sec * 1000000000 + time.tv_nsec;
	}
	anchor.error = min / 2 + 1;
	return anchor;
}

/*
 * The rate that the kernel has measured is not that of CLOCK_MONOTONIC to the last digit, nor does
 * NTP leave that alone: a second later the difference would be microseconds.
 */
void save_anchor(struct save *save)
{
	struct anchor now = read_both_clocks();

	/* The line through two that are close together would have a wrong slope. */
	if (now.ns - save->anchor[1].ns < ANCHORS_APART)
		return;
	save->anchor[0] = save->anchor[1];
	save->anchor[1] = now;
	if (now.error > save->clock_error)
		save->clock_error = now.error;
}

int save_open(const char *path, bool every, struct save **save, char *why)
{
	struct save *made = memory_new(1, sizeof(*made));
	double hz = environment_tsc_hz();
	int error;

	*save = NULL;
	made->histogram = memory_get(sizeof(*made->histogram));
	made->every = every;
	made->ticks_per_ns = hz > 0 ? hz / 1e9 : 1;
	made->anchor[0] = made->anchor[1] = read_both_clocks();
	made->clock_error = made->anchor[0].error;
	error = run_create(path, &made->writer, why);
	if (error) {
		save_abort(made);
		return error;
	}
	*save = made;
	return 0;
}

void save_abort(struct save *save)
{
	if (!save)
		return;
	run_abort(save->writer);
	saved_storms_free(save);
}

/* The last interval may be much shorter than the others: it is added to the repeat before it. */
int save_interval(struct save *save, const struct aggregate *aggregate, char *why)
{
	int error = 0;

	if (aggregate->seconds > save->longest)
		save->longest = aggregate->seconds;
	if (save->seconds && aggregate->seconds > save->longest / 2)
		error = saved_storms_end_repeat(save, why);
	save->seconds += aggregate->seconds;
	for (u32 i = 0; !error && i < aggregate->count; i++) {
		const struct series *series = aggregate->series[i];
		struct saved_storm *storm;

		if (!series->last.count && !series->last.exits)
			continue;
		storm = saved_storm(save, series->space, series->isa, series->reason);
		if (!storm)
			return why_say(why, -ENOMEM, "no memory");
		times_add(&storm->now[series->leg], &series->last);
	}
	return error;
}

int save_commit(struct save *save, const struct aggregate *aggregate,
		const struct save_about *about, char **path, char *why)
{
	struct run_writer *writer = save->writer;
	json_t *json;
	int error = 0;

	error = saved_storms_end_repeat(save, why);
	for (u32 i = 0; !error && i < save->storms; i++)
		error = save_write_records(save, save->storm[i], why);
	if (error) {
		save_abort(save);
		return error;
	}
	json = save_json(save, aggregate, about);
	save->writer = NULL;
	if (json) {
		run_complete_by(writer, figures_complete);
		error = run_commit(writer, json, path, why);
	} else {
		run_abort(writer);
		error = why_say(why, -ENOMEM, "no memory for run.json");
	}
	saved_storms_free(save);
	return error;
}
