// SPDX-License-Identifier: GPL-2.0-or-later
#include "save.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../analysis/stats/stats.h"
#include "../../trace/stamp.h"
#include "../machine/environment.h"
#include "../../trace/sparse.h"
#include "../machine/version.h"
#include "vcpu_groups.h"

/* Events that wait to be written together, of one reason. */
#define BATCH 512

/* The time of one exit, of a trace that keeps them all. */
struct timed {
	u64 ticks;
	u16 vcpu;
};

struct saved_storm {
	char name[REASON_NAME];
	enum trace_space space;
	u32 isa, reason, records;
	u64 exits; /* of all events */
	struct record *record;
	struct timed *timed; /* of the repeat that is under way */
	size_t timeds, room;
	json_t *repeats;
	struct times now[TRACE_LEGS];	 /* of the repeat that is under way */
	struct sparse whole[TRACE_LEGS]; /* of those that were written, ticks */
};

struct save {
	bool every; /* AFTER comes from the events, and so is exact and by vCPU */
	struct run_writer *writer;
	struct histogram *histogram;
	double ticks_per_ns;
	u64 base_ns, base_ticks; /* the same moment on both clocks */
	u32 repeats;		 /* those that were written */
	double seconds, longest; /* of the one under way; of the longest look */
	struct saved_storm **storm;
	u32 storms;
	char *why;
};

/* The clocks' common moment: of several looks the one that took least. */
static void tie_clocks(struct save *save)
{
	u64 least = ~0ULL;

	for (int i = 0; i < 16; i++) {
		struct timespec time;
		u64 before = stamp_fenced(), after;

		clock_gettime(CLOCK_MONOTONIC, &time);
		after = stamp_fenced();
		if (after - before >= least)
			continue;
		least = after - before;
		save->base_ticks = before + least / 2;
		save->base_ns = (u64)time.tv_sec * 1000000000 + time.tv_nsec;
	}
}

int save_open(const char *path, bool every, struct save **save, char *why)
{
	struct save *made = calloc(1, sizeof(*made));
	double hz = environment_tsc_hz();
	int error;

	*save = NULL;
	if (made)
		made->histogram = malloc(sizeof(*made->histogram));
	if (!made || !made->histogram) {
		free(made);
		return why_say(why, -ENOMEM, "no memory");
	}
	made->every = every;
	made->ticks_per_ns = hz > 0 ? hz / 1e9 : 1;
	tie_clocks(made);
	error = run_create(path, &made->writer, why);
	if (error) {
		save_abort(made);
		return error;
	}
	*save = made;
	return 0;
}

static void save_free(struct save *save)
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

void save_abort(struct save *save)
{
	if (!save)
		return;
	run_abort(save->writer);
	save_free(save);
}

static struct saved_storm *storm_of(struct save *save, enum trace_space space, u32 isa, u32 reason)
{
	struct saved_storm **list, *storm;

	for (u32 i = 0; i < save->storms; i++) {
		storm = save->storm[i];
		if (storm->space == space && storm->reason == reason && storm->isa == isa)
			return storm;
	}
	list = reallocarray(save->storm, save->storms + 1, sizeof(*list));
	if (!list)
		return NULL;
	save->storm = list;
	storm = calloc(1, sizeof(*storm));
	if (!storm)
		return NULL;
	list[save->storms++] = storm;
	reason_storm(storm->name, space, isa, reason);
	storm->space = space;
	storm->isa = isa;
	storm->reason = reason;
	storm->repeats = json_array();
	return storm;
}

/* The numbers of threads in a run: in the order that they were seen. */
static u16 vcpu_of(const struct aggregate *aggregate, u16 slot)
{
	for (u32 i = 0; i < aggregate->threads; i++)
		if (aggregate->thread[i].slot == slot)
			return i;
	return aggregate->threads;
}

static const enum leg leg_of[TRACE_LEGS] = {
	[TRACE_AFTER] = LEG_HANDLER, [TRACE_BEFORE] = LEG_GUEST_VISIT,
	[TRACE_PERIOD] = LEG_PERIOD, [TRACE_OFF] = LEGS,
	[TRACE_HALTED] = LEGS,
};

/* Repeats: an interval of all vCPUs together, which few exits of one of them cannot lead astray. */

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
	json = json_pack("{s:i, s:i, s:{}, s:{}}", "repeat", (int)save->repeats, "vcpu", (int)vcpu,
			 "p50", "p50_clean");
	json_array_append_new(storm->repeats, json);
	return json;
}

/* save->histogram, as a leg of this repeat. */
static int write_leg(struct save *save, struct saved_storm *storm, u16 vcpu, enum trace_leg leg,
		     char *why)
{
	static const char *const median[] = {"p50", "p50_clean"};
	json_t *json = repeat_of(save, storm, vcpu);
	enum leg run_leg = leg_of[leg];
	int error = 0;

	if (sparse_add(&storm->whole[leg], save->histogram))
		return why_say(why, -ENOMEM, "no memory");
	for (u16 clean = 0; !error && clean < 2; clean++) {
		json_object_set_new(json_object_get(json, median[clean]), leg_name[run_leg],
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

static int write_storm(struct save *save, struct saved_storm *storm, char *why)
{
	int error = write_timed(save, storm, why);

	for (int leg = 0; leg < TRACE_LEGS; leg++) {
		const struct times *now = &storm->now[leg];

		if (!error && now->count && leg_of[leg] != LEGS &&
		    !(save->every && leg == TRACE_AFTER)) {
			times_expand(now, save->ticks_per_ns, save->histogram);
			error = write_leg(save, storm, 0, leg, why);
		}
		storm->now[leg] = (struct times){0};
	}
	return error;
}

static int write_repeat(struct save *save, char *why)
{
	int error = 0;

	for (u32 i = 0; !error && i < save->storms; i++)
		error = write_storm(save, save->storm[i], why);
	save->repeats++;
	save->seconds = 0;
	return error;
}

/* A look that is much shorter than the others, the last, goes to the one before it. */
int save_interval(struct save *save, const struct aggregate *aggregate, char *why)
{
	int error = 0;

	if (aggregate->seconds > save->longest)
		save->longest = aggregate->seconds;
	if (save->seconds && aggregate->seconds > save->longest / 2)
		error = write_repeat(save, why);
	save->seconds += aggregate->seconds;
	for (u32 i = 0; !error && i < aggregate->count; i++) {
		const struct series *series = aggregate->series[i];
		struct saved_storm *storm;

		if (!series->last.count && !series->last.exits)
			continue;
		storm = storm_of(save, series->space, series->isa, series->reason);
		if (!storm)
			return why_say(why, -ENOMEM, "no memory");
		times_add(&storm->now[series->leg], &series->last);
	}
	return error;
}

/* Events */

static u64 ticks_at(const struct save *save, u64 ns)
{
	if (!ns)
		return 0;
	return save->base_ticks + (s64)((double)(s64)(ns - save->base_ns) * save->ticks_per_ns);
}

static int write_records(struct save *save, struct saved_storm *storm, char *why)
{
	u32 count = storm->records;

	storm->records = 0;
	return count ? run_add_records(save->writer, storm->name, storm->record, count, why) : 0;
}

static int add_timed(struct saved_storm *storm, u16 vcpu, u64 ticks)
{
	if (storm->timeds == storm->room) {
		size_t room = storm->room ? 2 * storm->room : BATCH;
		struct timed *timed = reallocarray(storm->timed, room, sizeof(*timed));

		if (!timed)
			return -ENOMEM;
		storm->timed = timed;
		storm->room = room;
	}
	storm->timed[storm->timeds++] = (struct timed){ticks, vcpu};
	return 0;
}

int save_event(struct save *save, const struct aggregate *aggregate,
	       const struct traced_exit *event)
{
	struct saved_storm *storm = storm_of(
		save, event->space, aggregate_isa(event->space, event->isa), event->reason);
	/* Two readings of one clock by two ways may be a few ns in the wrong order. */
	bool early = event->to && event->to < event->from;
	u64 to = ticks_at(save, event->to), from = early ? to : ticks_at(save, event->from);
	u16 vcpu = vcpu_of(aggregate, event->slot);
	bool user = event->space == TRACE_KVM;
	char why[RUN_WHY];

	if (storm && !storm->record)
		storm->record =
			aligned_alloc(sizeof(*storm->record), BATCH * sizeof(*storm->record));
	if (!storm || !storm->record)
		return -ENOMEM;
	storm->record[storm->records++] = (struct record){
		.kernel_in = user ? 0 : from,
		.kernel_out = user ? 0 : to,
		.host_in = user ? from : 0,
		.host_out = user ? to : 0,
		.iteration = storm->exits++,
		.raw_reason = event->reason,
		.vcpu = vcpu,
		.repeat = save->repeats,
	};
	/* A handler's time is without what it was away: less than from stamp to stamp. */
	if (event->to &&
	    add_timed(storm, vcpu,
		      user ? to - from : (u64)((double)event->time * save->ticks_per_ns)))
		return -ENOMEM;
	return storm->records == BATCH ? write_records(save, storm, why) : 0;
}

/* run.json */

static void interval_of(const struct saved_storm *storm, enum leg leg, struct run_leg *run_leg)
{
	size_t size = json_array_size(storm->repeats), n = 0;
	double *centre = calloc(size + 1, sizeof(*centre));

	run_leg->ci_low = run_leg->ci_high = NAN;
	for (size_t i = 0; centre && i < size; i++) {
		const json_t *p50 = json_object_get(json_array_get(storm->repeats, i), "p50");
		double median = json_number_value(json_object_get(p50, leg_name[leg]));

		if (median > 0)
			centre[n++] = median;
	}
	if (centre)
		stats_interval(centre, n, &run_leg->ci_low, &run_leg->ci_high);
	free(centre);
}

static json_t *storm_json(struct save *save, const struct reason_row *row)
{
	struct saved_storm *storm = storm_of(save, row->space, row->isa, row->reason);
	json_t *legs = json_object();

	for (int leg = 0; storm && leg < TRACE_LEGS; leg++) {
		struct run_leg run_leg = {.site = "kvm-tracepoint"};

		if (leg_of[leg] == LEGS || !row->leg[leg].count)
			continue;
		sparse_expand(&storm->whole[leg], save->histogram);
		stats_summary(save->histogram, &run_leg.all);
		run_leg.clean = run_leg.all;
		interval_of(storm, leg_of[leg], &run_leg);
		json_object_set_new(legs, leg_name[leg_of[leg]], run_leg_json(&run_leg));
	}
	if (!storm || !legs)
		return NULL;
	return json_pack(
		"{s:s, s:s, s:I, s:s, s:i, s:s, s:o, s:I, s:I, s:i, s:i, s:n, s:n, s:O, s:o, s:f, "
		"s:f}",
		"name", storm->name, "kind",
		exit_kind_name(reason_kind(row->space, row->isa, row->reason)), "raw_reason",
		(json_int_t)row->reason, "raw_space", reason_space(row->space, row->isa),
		"exits_per_op", 1, "status", json_object_size(legs) ? "measured" : "skipped", "why",
		json_object_size(legs) ? json_null()
				       : json_string("no exit was seen from one end to the other"),
		"exits", (json_int_t)row->exits, "expected", (json_int_t)row->exits, "disturbed", 0,
		"lost", 0, "cpl", "irqchip", "repeats", storm->repeats, "legs", legs, "off_cpu_s",
		row->leg[TRACE_OFF].sum / 1e9, "halted_s", row->leg[TRACE_HALTED].sum / 1e9);
}

static json_t *storms_json(struct save *save, const struct aggregate *aggregate,
			   const char **raw_space, u64 *exits)
{
	json_t *array = json_array();
	struct vcpu_groups groups;

	*raw_space = "kvm";
	*exits = 0;
	if (vcpu_groups_make(&groups, aggregate, BY_ALL, true) == 0 && groups.count)
		for (u32 i = 0; i < groups.group[0].rows; i++) {
			const struct reason_row *row = groups.group[0].row[i];

			if (row->space != TRACE_KVM)
				*raw_space = reason_space(row->space, row->isa);
			*exits += row->exits;
			json_array_append_new(array, storm_json(save, row));
		}
	vcpu_groups_free(&groups);
	return array;
}

static json_t *trace_json(const struct aggregate *aggregate)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);
	json_t *hooks = json_object(), *vcpus = json_array();

	for (int hook = 0; hook < KVM_HOOK_COUNT; hook++)
		if (kvm_trace_way(aggregate->trace, hook))
			json_object_set_new(
				hooks, kvm_hook_name[hook],
				json_string(kvm_way_name[kvm_trace_way(aggregate->trace, hook)]));
	for (u32 i = 0; i < aggregate->threads; i++) {
		const struct traced_thread *thread = &aggregate->thread[i];
		json_t *process = json_string(thread->process);

		json_array_append_new(
			vcpus,
			json_pack("{s:i, s:o, s:i, s:i, s:o}", "vm", (int)thread->vm, "vcpu",
				  thread->vcpu_id < 0 ? json_null() : json_integer(thread->vcpu_id),
				  "pid", (int)thread->pid, "tid", (int)thread->tid, "process",
				  process ? process : json_null()));
	}
	return json_pack("{s:o, s:o, s:f, s:{s:I, s:I, s:I}}", "hooks", hooks, "vcpus", vcpus,
			 "bucket_error", 1.0 / (1 << TRACE_SUB_BITS), "lost", "events",
			 (json_int_t)lost.events, "threads", (json_int_t)lost.threads, "histograms",
			 (json_int_t)lost.histograms);
}

static json_t *run_json(struct save *save, const struct aggregate *aggregate,
			const struct save_about *about)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);
	const char *raw_space;
	char interval[32], text[128];
	u64 exits;
	json_t *storms = storms_json(save, aggregate, &raw_space, &exits), *json;

	snprintf(interval, sizeof(interval), "%g", about->interval);
	json = json_pack(
		"{s:{s:s, s:s}, s:s, s:f, s:{s:s, s:s, s:b, s:s, s:n, s:n, s:n, s:s, s:s}, s:o, "
		"s:{s:s, s:s}, s:{}, s:{s:I, s:I, s:i, s:I, s:I, s:i, s:[]}, s:o, s:o}",
		"tool", "version", EXITSTORM_VERSION, "commit", EXITSTORM_COMMIT, "started",
		about->started, "duration_s", aggregate->total_seconds, "target", "name", "trace",
		"backend", "kvm", "emulated", 0, "clock", "tsc", "clock_granularity", "guest_cpl",
		"guest_native", "nesting", "", "raw_space", raw_space, "host",
		environment_host(false), "settings", "interval", interval, "events",
		about->every ? "on" : "off", "controls", "plan", "exits",
		(json_int_t)(exits / save->repeats + 1), "repeats", (json_int_t)save->repeats,
		"warmup", 0, "vcpus", (json_int_t)(aggregate->threads ? aggregate->threads : 1),
		"samples", (json_int_t)(about->every ? exits : 0), "seed", 0, "cpus", "storms",
		storms, "trace", trace_json(aggregate));
	if (!json || !(lost.events + lost.threads + lost.histograms))
		return json;
	snprintf(text, sizeof(text), "lost: %llu events, %llu exits, %llu times",
		 (unsigned long long)lost.events, (unsigned long long)lost.threads,
		 (unsigned long long)lost.histograms);
	json_object_set_new(json, "incomplete", json_string(text));
	return json;
}

int save_commit(struct save *save, const struct aggregate *aggregate,
		const struct save_about *about, char *why)
{
	struct run_writer *writer = save->writer;
	json_t *json;
	int error = 0;

	error = write_repeat(save, why);
	for (u32 i = 0; !error && i < save->storms; i++)
		error = write_records(save, save->storm[i], why);
	if (error) {
		save_abort(save);
		return error;
	}
	json = run_json(save, aggregate, about);
	save->writer = NULL;
	if (json) {
		error = run_commit(writer, json, why);
	} else {
		run_abort(writer);
		error = why_say(why, -ENOMEM, "no memory for run.json");
	}
	save_free(save);
	return error;
}
