// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved_storms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/stats/stats.h"
#include "../../results/compose.h"
#include "../../results/memory.h"

const enum leg saved_leg[TRACE_LEGS] = {
	[TRACE_AFTER] = LEG_HANDLER, [TRACE_BEFORE] = LEG_GUEST_VISIT,
	[TRACE_PERIOD] = LEG_PERIOD, [TRACE_OFF] = LEGS,
	[TRACE_HALTED] = LEGS,
};

struct saved_storm *saved_storm(struct save *save, enum trace_space space, u32 isa, u32 reason)
{
	struct saved_storm **list, *storm;

	for (u32 i = 0; i < save->storms; i++) {
		storm = save->storm[i];
		if (storm->space == space && storm->reason == reason && storm->isa == isa)
			return storm;
	}
	list = memory_resize(save->storm, save->storms + 1, sizeof(*list));
	save->storm = list;
	storm = memory_new(1, sizeof(*storm));
	list[save->storms++] = storm;
	reason_storm(storm->name, space, isa, reason);
	storm->space = space;
	storm->isa = isa;
	storm->reason = reason;
	storm->repeats = json_array();
	return storm;
}

/* The element of repeats[] for the current repeat and this vCPU; added if there is none. */
static json_t *repeat_of(const struct save *save, struct saved_storm *storm, u16 vcpu)
{
	json_t *json;

	for (size_t i = json_array_size(storm->repeats); i-- > 0;) {
		json = json_array_get(storm->repeats, i);
		if (json_integer_value(json_object_get(json, "repeat")) != save->repeats)
			break;
		if (json_integer_value(json_object_get(json, "vcpu")) == vcpu)
			return json;
	}
	json = compose_pack("{s:i, s:i, s:{}, s:{}}", "repeat", (int)save->repeats, "vcpu",
			    (int)vcpu, "p50", "p50_clean");
	compose_add(storm->repeats, json);
	return json;
}

/* Writes save->histogram as a leg of the current repeat. */
static int write_leg(struct save *save, struct saved_storm *storm, u16 vcpu, enum trace_leg leg,
		     char *why)
{
	static const char *const median[] = {"p50", "p50_clean"};
	json_t *json = repeat_of(save, storm, vcpu);
	enum leg run_leg = saved_leg[leg];
	int error = sparse_add(&storm->whole[leg], save->histogram);

	if (error)
		return why_say(why, error, "%s", strerror(-error));
	for (u16 clean = 0; !error && clean < 2; clean++) {
		compose_set(json_object_get(json, median[clean]), leg_name[run_leg],
			    run_number(stats_quantile(save->histogram, 0.5)));
		error = run_add_histogram(save->writer, storm->name, save->repeats, vcpu, run_leg,
					  clean, save->histogram, why);
	}
	return error;
}

static int compare_vcpus(const void *one, const void *other)
{
	return (int)((const struct timed *)one)->vcpu - (int)((const struct timed *)other)->vcpu;
}

static int write_timed(struct save *save, struct saved_storm *storm, char *why)
{
	int error = 0;

	if (storm->timeds)
		qsort(storm->timed, storm->timeds, sizeof(*storm->timed), compare_vcpus);
	for (size_t i = 0; !error && i < storm->timeds;) {
		u16 vcpu = storm->timed[i].vcpu;

		histogram_reset(save->histogram);
		for (; i < storm->timeds && storm->timed[i].vcpu == vcpu; i++)
			histogram_add(save->histogram, storm->timed[i].ticks);
		error = write_leg(save, storm, vcpu, TRACE_AFTER, why);
	}
	storm->timeds = 0;
	return error;
}

/* Intervals without single exits are of all vCPUs together (vCPU 0): one alone has few exits. */
static int write_storm(struct save *save, struct saved_storm *storm, char *why)
{
	int error = write_timed(save, storm, why);

	for (int leg = 0; leg < TRACE_LEGS; leg++) {
		const struct times *now = &storm->now[leg];

		if (!error && now->count && saved_leg[leg] != LEGS &&
		    !(save->every && leg == TRACE_AFTER)) {
			times_expand(now, save->ticks_per_ns, save->histogram);
			error = write_leg(save, storm, 0, leg, why);
		}
		storm->now[leg] = (struct times){0};
	}
	return error;
}

int saved_storms_end_repeat(struct save *save, char *why)
{
	int error = 0;

	for (u32 i = 0; !error && i < save->storms; i++)
		error = write_storm(save, save->storm[i], why);
	save->repeats++;
	save->seconds = 0;
	return error;
}

void saved_storms_free(struct save *save)
{
	for (u32 i = 0; i < save->storms; i++) {
		json_decref(save->storm[i]->repeats);
		free(save->storm[i]->record);
		free(save->storm[i]->timed);
		for (int leg = 0; leg < TRACE_LEGS; leg++)
			sparse_free(&save->storm[i]->whole[leg]);
		free(save->storm[i]);
	}
	free(save->storm);
	free(save->histogram);
	free(save);
}
