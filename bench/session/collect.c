// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/stats/stats.h"
#include "../../results/compose.h"
#include "../../results/memory.h"
#include "clock_check.h"
#include "storm_json.h"

struct collect {
	const struct target *target;
	const struct plan *plan;
	struct run_writer *writer;
	char error[RUN_WHY];
	json_t *controls; /* VMX or SVM controls that all VMs have in common */
	struct clock_finding clock;
	bool clock_found;
	struct storm_parts *storm; /* storm_count of them */
};

struct collect *collect_new(const struct target *target, const struct plan *plan,
			    struct run_writer *writer)
{
	struct collect *collect = memory_new(1, sizeof(*collect));

	collect->target = target;
	collect->plan = plan;
	collect->writer = writer;
	collect->storm = memory_new(storm_count, sizeof(*collect->storm));
	collect->controls = json_object();
	return collect;
}

void collect_write_to(struct collect *collect, struct run_writer *writer)
{
	collect->writer = writer;
}

void collect_free(struct collect *collect)
{
	if (!collect)
		return;
	for (u32 i = 0; i < storm_count; i++) {
		for (int leg = 0; leg < LEGS; leg++) {
			sparse_free(&collect->storm[i].histogram[leg][0]);
			sparse_free(&collect->storm[i].histogram[leg][1]);
		}
		free(collect->storm[i].part);
		free(collect->storm[i].number);
		json_decref(collect->storm[i].controls);
	}
	json_decref(collect->controls);
	free(collect->storm);
	free(collect);
}

static void grow(struct storm_parts *storm)
{
	storm->room = storm->room ? 2 * storm->room : 4;
	storm->part = memory_resize(storm->part, storm->room, sizeof(*storm->part));
}

/* storm->number[]; its size is the plan's as of the first result. */
static void number_parts(struct collect *collect, struct storm_parts *storm)
{
	if (storm->number)
		return;
	storm->vcpus = runner_vcpus(&storms[storm - collect->storm], collect->plan);
	storm->repeats = collect->plan->repeats;
	storm->number = memory_new(storm->repeats, storm->vcpus * sizeof(*storm->number));
}

/* The part of this vCPU and repeat, created by the first call for it. */
static int part_of(struct collect *collect, const struct storm_result *result, struct part **part)
{
	struct storm_parts *storm = &collect->storm[result->storm];
	u32 *number;

	number_parts(collect, storm);
	if (storm->parts == storm->room)
		grow(storm);
	if (result->repeat >= storm->repeats || result->vcpu >= storm->vcpus) {
		snprintf(collect->error, sizeof(collect->error),
			 "a result of %s is of repeat %u and vCPU %u, which the plan does not have",
			 storms[result->storm].name, result->repeat + 1, result->vcpu);
		return -EINVAL;
	}
	number = &storm->number[result->repeat * storm->vcpus + result->vcpu];
	*part = &storm->part[*number ? *number - 1 : storm->parts];
	if (*number)
		return 0;
	*number = ++storm->parts;
	(*part)->result = *result;
	for (int leg = 0; leg < LEGS; leg++)
		(*part)->p50[leg][0] = (*part)->p50[leg][1] = NAN;
	return 0;
}

static int on_result(void *arg, const struct storm_result *result)
{
	/* One vCPU or repeat with a higher rank decides the status of the storm. */
	static const int rank[] = {
		[STORM_MEASURED] = 0, [STORM_NO_EXIT] = 1, [STORM_SKIPPED] = 2, [STORM_FAILED] = 3};
	struct collect *collect = arg;
	struct storm_parts *storm = &collect->storm[result->storm];
	struct part *part;
	int err = part_of(collect, result, &part);

	if (err)
		return err;
	part->result = *result;
	if (rank[result->status] <= rank[storm->status])
		return 0;
	storm->status = result->status;
	if (result->repeat && result->status >= STORM_SKIPPED)
		snprintf(storm->why, sizeof(storm->why), "in repeat %u: %.200s", result->repeat + 1,
			 result->why);
	else
		snprintf(storm->why, sizeof(storm->why), "%s", result->why);
	return 0;
}

/* Histograms and records of operations that did not exit are not written. */
static bool kept(const struct collect *collect, const struct storm_result *result)
{
	return collect->writer && result->status == STORM_MEASURED;
}

static int add(struct collect *collect, struct sparse *sparse, const struct histogram *histogram)
{
	int err = sparse_add(sparse, histogram);

	if (err)
		snprintf(collect->error, sizeof(collect->error), "%s",
			 err == -EOVERFLOW ? "the sum of a leg's ticks is out of range"
					   : "no memory");
	return err;
}

static int on_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	struct collect *collect = arg;
	struct part *part;
	int err = part_of(collect, result, &part);

	if (!err)
		err = add(collect, &collect->storm[result->storm].histogram[leg][clean], histogram);
	if (err)
		return err;
	part->p50[leg][clean] = stats_quantile(histogram, 0.5);
	if (!kept(collect, result))
		return 0;
	return run_add_histogram(collect->writer, storms[result->storm].name, result->repeat,
				 result->vcpu, leg, clean, histogram, collect->error);
}

static int on_records(void *arg, const struct storm_result *result, const struct record *records,
		      u32 count)
{
	struct collect *collect = arg;

	if (!kept(collect, result))
		return 0;
	return run_add_records(collect->writer, storms[result->storm].name, records, count,
			       collect->error);
}

/* Controls that are 0 in all VMs are left out. Values above 9 are masks: written as hex strings. */
static int on_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
{
	struct collect *collect = arg;
	bool every = storm == RUNNER_EVERY_STORM;
	json_t **object = every ? &collect->controls : &collect->storm[storm].controls;

	if (!*object)
		*object = json_object();
	for (u32 i = 0; i < count; i++) {
		json_t *group = json_object_get(*object, controls[i].group);
		char text[24];

		if (every && !controls[i].value)
			continue;
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)controls[i].value);
		if (!group) {
			group = json_object();
			compose_set(*object, controls[i].group, group);
		}
		compose_set(group, controls[i].name,
			    controls[i].value > 9 ? compose_text(text)
						  : json_integer(controls[i].value));
	}
	return 0;
}

static int on_counters(void *arg, const struct storm_result *result,
		       const struct counter_value *value, u32 count)
{
	struct collect *collect = arg;

	counter_totals_add(&collect->storm[result->storm].totals, value, count);
	return 0;
}

static int on_clock(void *arg, const struct clock_finding *finding)
{
	struct collect *collect = arg;

	if (collect->clock_found)
		clock_combine(&collect->clock, finding);
	else
		collect->clock = *finding;
	collect->clock_found = true;
	return 0;
}

static void on_error(void *arg, const char *why)
{
	struct collect *collect = arg;

	snprintf(collect->error, sizeof(collect->error), "%s", why);
}

void collect_sink(struct collect *collect, struct run_sink *sink)
{
	sink->result = on_result;
	sink->histogram = on_histogram;
	sink->records = on_records;
	sink->controls = on_controls;
	sink->counters = on_counters;
	sink->clock = on_clock;
	sink->error = on_error;
	sink->arg = collect;
}

u64 collect_results(const struct collect *collect)
{
	u64 results = 0;

	for (u32 i = 0; i < storm_count; i++)
		results += collect->storm[i].parts;
	return results;
}

void collect_expect(struct collect *collect, const struct storm *storm)
{
	collect->storm[storm - storms].expected = true;
}

/* In the order of describe_main_leg(). */
static enum leg sample_leg(const struct storm_parts *storm)
{
	static const enum leg order[] = {LEG_ROUND_TRIP, LEG_GUEST_VISIT, LEG_ENTRY_FAIL,
					 LEG_PERIOD};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (storm->histogram[order[i]][0].count)
			return order[i];
	return LEG_PERIOD;
}

/* The mean over the vCPUs of a repeat; NAN: one of them has no such records. */
static double repeat_log(const struct storm_parts *storm, u32 repeat, enum leg leg, bool clean)
{
	double sum = 0;

	for (u32 vcpu = 0; vcpu < storm->vcpus; vcpu++) {
		u32 number = storm->number[repeat * storm->vcpus + vcpu];

		sum += number ? log(storm->part[number - 1].p50[leg][clean]) : NAN;
	}
	return sum / storm->vcpus;
}

void collect_sample(const struct collect *collect, const struct storm *storm, struct sample *sample)
{
	const struct storm_parts *parts = &collect->storm[storm - storms];
	enum leg leg = sample_leg(parts);
	size_t all = 0, some = 0;

	*sample = (struct sample){
		.log = memory_new(parts->repeats, sizeof(*sample->log)),
		.repeat = memory_new(parts->repeats, sizeof(*sample->repeat)),
	};
	for (u32 i = 0; parts->number && i < parts->repeats; i++) {
		all += isfinite(repeat_log(parts, i, leg, false));
		some += isfinite(repeat_log(parts, i, leg, true));
	}
	for (u32 i = 0; parts->number && i < parts->repeats; i++) {
		double value = repeat_log(parts, i, leg, some * 2 > all);

		if (!isfinite(value))
			continue;
		sample->repeat[sample->n] = i;
		sample->log[sample->n++] = value;
	}
}

enum storm_status collect_status(const struct collect *collect, const struct storm *storm)
{
	return collect->storm[storm - storms].status;
}

bool collect_over(const struct collect *collect, const struct storm *storm)
{
	return collect_status(collect, storm) >= STORM_SKIPPED;
}

const char *collect_error(const struct collect *collect)
{
	return *collect->error ? collect->error : "no memory";
}

json_t *collect_controls(const struct collect *collect)
{
	return json_incref(collect->controls);
}

/* Storm null has only its two stamps, with the same instructions between them each time. */
static void check_null(struct storm_parts *storm, const char *name)
{
	const struct sparse *trip = &storm->histogram[LEG_ROUND_TRIP][1];

	if (strcmp(name, "null") || storm->status != STORM_MEASURED || trip->min == trip->max)
		return;
	storm->status = STORM_FAILED;
	snprintf(storm->why, sizeof(storm->why),
		 "the clock does not count instructions as it should: this storm took %llu to %llu "
		 "ticks, not one value",
		 (unsigned long long)trip->min, (unsigned long long)trip->max);
}

void collect_check_clock(struct collect *collect, json_t *target)
{
	clock_check_apply(target, collect->clock_found ? &collect->clock : NULL);
	if (collect->plan->vcpus > 1 ||
	    strcmp(json_string_value(json_object_get(target, "clock")), "instructions"))
		return;
	for (u32 i = 0; i < storm_count; i++)
		check_null(&collect->storm[i], storms[i].name);
}

json_t *collect_storms(const struct collect *collect)
{
	json_t *array = json_array();

	for (u32 i = 0; i < storm_count; i++)
		if (collect->storm[i].expected || collect->storm[i].parts)
			compose_add(array, storm_json(collect->target, collect->plan, &storms[i],
						      &collect->storm[i]));
	return array;
}
