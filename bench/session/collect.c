// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/stats/stats.h"
#include "../../trace/sparse.h"
#include "counter_totals.h"

/* One storm on one vCPU in one repeat. */
struct part {
	struct storm_result result;
	double p50[LEGS][2]; /* [leg][clean]; NAN: none */
};

struct storm_parts {
	bool expected;
	enum storm_status status;
	char why[HV_WHY];
	size_t parts;
	struct part *part;
	struct sparse histogram[LEGS][2];
	json_t *controls; /* that are not as in every VM; NULL: none */
	struct tally tally;
};

struct collect {
	const struct target *target;
	const struct plan *plan;
	struct run_writer *writer;
	char error[RUN_WHY];
	json_t *controls;	   /* of every VM */
	struct storm_parts *storm; /* storm_count of them */
};

struct collect *collect_new(const struct target *target, const struct plan *plan,
			    struct run_writer *writer)
{
	struct collect *collect = calloc(1, sizeof(*collect));

	if (!collect)
		return NULL;
	collect->target = target;
	collect->plan = plan;
	collect->writer = writer;
	collect->storm = calloc(storm_count, sizeof(*collect->storm));
	collect->controls = json_object();
	if (!collect->storm || !collect->controls) {
		json_decref(collect->controls);
		free(collect->storm);
		free(collect);
		return NULL;
	}
	return collect;
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
		json_decref(collect->storm[i].controls);
	}
	json_decref(collect->controls);
	free(collect->storm);
	free(collect);
}

static int no_memory(struct collect *collect)
{
	snprintf(collect->error, sizeof(collect->error), "no memory");
	return -ENOMEM;
}

/* The part that a result belongs to, made when it is first heard of. NULL: no memory. */
static struct part *part_of(struct collect *collect, const struct storm_result *result)
{
	struct storm_parts *storm = &collect->storm[result->storm];
	struct part *part;

	for (size_t i = storm->parts; i-- > 0;) {
		part = &storm->part[i];
		if (part->result.repeat == result->repeat && part->result.vcpu == result->vcpu)
			return part;
	}
	part = realloc(storm->part, (storm->parts + 1) * sizeof(*part));
	if (!part)
		return NULL;
	storm->part = part;
	part += storm->parts++;
	part->result = *result;
	for (int leg = 0; leg < LEGS; leg++)
		part->p50[leg][0] = part->p50[leg][1] = NAN;
	return part;
}

static int take_result(void *arg, const struct storm_result *result)
{
	/* What must be said of all, if it is so of one: the worst first. */
	static const int rank[] = {
		[STORM_MEASURED] = 0, [STORM_NO_EXIT] = 1, [STORM_SKIPPED] = 2, [STORM_FAILED] = 3};
	struct collect *collect = arg;
	struct storm_parts *storm = &collect->storm[result->storm];
	struct part *part = part_of(collect, result);

	if (!part)
		return no_memory(collect);
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

/* What is no figure of an exit is not kept among those that are. */
static bool kept(const struct collect *collect, const struct storm_result *result)
{
	return collect->writer && result->status == STORM_MEASURED;
}

static int take_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			  const struct histogram *histogram)
{
	struct collect *collect = arg;
	struct part *part = part_of(collect, result);

	if (!part || sparse_add(&collect->storm[result->storm].histogram[leg][clean], histogram))
		return no_memory(collect);
	part->p50[leg][clean] = stats_quantile(histogram, 0.5);
	if (!kept(collect, result))
		return 0;
	return run_add_histogram(collect->writer, storms[result->storm].name, result->repeat,
				 result->vcpu, leg, clean, histogram, collect->error);
}

static int take_records(void *arg, const struct storm_result *result, const struct record *records,
			u32 count)
{
	struct collect *collect = arg;

	if (!kept(collect, result))
		return 0;
	return run_add_records(collect->writer, storms[result->storm].name, records, count,
			       collect->error);
}

/* Those that are 0 in every VM are left out. More than a digit is written as masks are read. */
static int take_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
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
			json_object_set_new(*object, controls[i].group, group);
		}
		if (json_object_set_new(group, controls[i].name,
					controls[i].value > 9 ? json_string(text)
							      : json_integer(controls[i].value)))
			return no_memory(collect);
	}
	return 0;
}

static int take_counters(void *arg, const struct storm_result *result,
			 const struct counter_value *value, u32 count)
{
	struct collect *collect = arg;

	tally_add(&collect->storm[result->storm].tally, value, count);
	return 0;
}

void collect_sink(struct collect *collect, struct run_sink *sink)
{
	sink->result = take_result;
	sink->histogram = take_histogram;
	sink->records = take_records;
	sink->controls = take_controls;
	sink->counters = take_counters;
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

enum storm_status collect_status(const struct collect *collect, const struct storm *storm)
{
	return collect->storm[storm - storms].status;
}

bool collect_over(const struct collect *collect, const struct storm *storm)
{
	return collect_status(collect, storm) >= STORM_SKIPPED;
}

const char *collect_why(const struct collect *collect, const struct storm *storm)
{
	return collect->storm[storm - storms].why;
}

const char *collect_error(const struct collect *collect)
{
	return *collect->error ? collect->error : "no memory";
}

/* From here on: run.json. */

static json_t *ticks_json(double ticks)
{
	return ticks > 0 ? run_number(ticks) : json_null();
}

static int compare_doubles(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The median of a field of the parts' results; 0: not known. */
static double parts_median(const struct storm_parts *storm, size_t offset)
{
	double *value = calloc(storm->parts + 1, sizeof(*value)), median = 0;
	size_t n = 0;

	for (size_t i = 0; value && i < storm->parts; i++) {
		u64 ticks;

		memcpy(&ticks, (const u8 *)&storm->part[i].result + offset, sizeof(ticks));
		if (ticks)
			value[n++] = ticks;
	}
	if (n) {
		qsort(value, n, sizeof(*value), compare_doubles);
		median = n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
	}
	free(value);
	return median;
}
#define PARTS_MEDIAN(storm, field) parts_median(storm, offsetof(struct storm_result, field))

/*
 * The interval of the median across repeats. vCPUs of one repeat are not independent of each other:
 * their geometric mean is the repeat's one value. Of the clean records, where every part has some.
 */
static void leg_interval(const struct collect *collect, const struct storm_parts *storm, int leg,
			 struct run_leg *run_leg)
{
	u32 repeats = collect->plan->repeats, n = 0;
	double *centre = calloc(repeats, sizeof(*centre));
	int clean = 1;

	run_leg->ci_low = run_leg->ci_high = NAN;
	if (!centre)
		return;
	for (size_t i = 0; i < storm->parts; i++)
		clean &= !isnan(storm->part[i].p50[leg][1]);
	for (u32 repeat = 0; repeat < repeats; repeat++) {
		double sum = 0;
		u32 vcpus = 0;

		for (size_t i = 0; i < storm->parts; i++)
			if (storm->part[i].result.repeat == repeat) {
				sum += log(storm->part[i].p50[leg][clean]);
				vcpus++;
			}
		if (vcpus && isfinite(sum))
			centre[n++] = exp(sum / vcpus);
	}
	stats_interval(centre, n, &run_leg->ci_low, &run_leg->ci_high);
	free(centre);
}

static json_t *legs_json(const struct collect *collect, u32 index)
{
	const struct storm_parts *storm = &collect->storm[index];
	struct histogram *histogram = malloc(sizeof(*histogram));
	json_t *legs = json_object();

	for (int leg = 0; histogram && leg < LEGS; leg++) {
		const char *site = collect->target->site(collect->plan, &storms[index], leg);
		struct run_leg run_leg = {.site = (char *)site};

		if (!site || !storm->histogram[leg][0].count)
			continue;
		sparse_expand(&storm->histogram[leg][0], histogram);
		stats_summary(histogram, &run_leg.all);
		sparse_expand(&storm->histogram[leg][1], histogram);
		stats_summary(histogram, &run_leg.clean);
		leg_interval(collect, storm, leg, &run_leg);
		json_object_set_new(legs, leg_name[leg], run_leg_json(&run_leg));
	}
	free(histogram);
	return legs;
}

/* The legs' medians of one part, of all records or of the clean ones. */
static json_t *medians_json(const struct part *part, int clean)
{
	json_t *medians = json_object();

	for (int leg = 0; leg < LEGS; leg++)
		if (!isnan(part->p50[leg][0]))
			json_object_set_new(medians, leg_name[leg],
					    run_number(part->p50[leg][clean]));
	return medians;
}

/* APERF counts core cycles, MPERF ticks, both while the CPU works (SDM Vol. 3, "P-State Hardware
 * Coordination"). */
static json_t *cycles_json(u64 aperf, u64 mperf)
{
	return aperf && mperf ? json_real((double)aperf / mperf) : json_null();
}

static json_t *storm_cycles(const struct storm_parts *storm)
{
	u64 aperf = 0, mperf = 0;

	for (size_t i = 0; i < storm->parts; i++) {
		aperf += storm->part[i].result.aperf;
		mperf += storm->part[i].result.mperf;
	}
	return cycles_json(aperf, mperf);
}

static json_t *part_json(const struct part *part)
{
	const struct storm_result *result = &part->result;

	return json_pack(
		"{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:o, s:o}, s:{s:o}, s:o, s:o, "
		"s:o, s:I}",
		"repeat", result->repeat, "vcpu", result->vcpu, "batch", (json_int_t)result->batch,
		"operations", (json_int_t)result->operations, "exits", (json_int_t)result->seen,
		"other", (json_int_t)result->other, "disturbed", (json_int_t)result->disturbed,
		"lost", (json_int_t)result->lost, "control", "period",
		ticks_json(result->control_period), "round_trip",
		ticks_json(result->control_round_trip), "stamp_overhead", "guest",
		ticks_json(result->stamp_overhead), "p50", medians_json(part, 0), "p50_clean",
		medians_json(part, 1), "core_cycles_per_tick",
		cycles_json(result->aperf, result->mperf), "smi", (json_int_t)result->smi);
}

static json_t *parts_json(const struct storm_parts *storm)
{
	json_t *array = json_array();

	for (size_t i = 0; i < storm->parts; i++)
		if (storm->part[i].result.status <= STORM_NO_EXIT)
			json_array_append_new(array, part_json(&storm->part[i]));
	return array;
}

/* A whole number where all parts agree; how often vCPUs exit that wait for each other varies. */
static json_t *ratio_json(u64 exits, u64 operations)
{
	if (!operations)
		return json_null();
	return exits % operations ? json_real((double)exits / operations)
				  : json_integer((json_int_t)(exits / operations));
}

static json_t *counts_json(const struct storm_parts *storm)
{
	u64 operations = 0, seen = 0, asked = 0, other = 0, disturbed = 0, lost = 0;

	for (size_t i = 0; i < storm->parts; i++) {
		const struct storm_result *result = &storm->part[i].result;

		operations += result->operations;
		seen += result->seen;
		asked += result->asked;
		other += result->other;
		disturbed += result->disturbed;
		lost += result->lost;
	}
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "exits_per_op",
			 ratio_json(asked, operations), "operations", (json_int_t)operations,
			 "exits", (json_int_t)seen, "expected", (json_int_t)asked, "other",
			 (json_int_t)other, "disturbed", (json_int_t)disturbed, "lost",
			 (json_int_t)lost);
}

static bool clocks_differ(const struct storm_parts *storm)
{
	for (size_t i = 0; i < storm->parts; i++)
		if (storm->part[i].result.clocks_differ)
			return true;
	return false;
}

static json_t *storm_json(const struct collect *collect, u32 index)
{
	static const char *const status_name[] = {"measured", "no_exit", "skipped", "failed"};
	const struct storm_parts *storm = &collect->storm[index];
	const struct storm_result *first = storm->parts ? &storm->part[0].result : NULL;
	bool figures = storm->status <= STORM_NO_EXIT;
	struct hv_config config;
	json_t *json, *legs;

	collect->target->shape(collect->plan, &storms[index], &config);
	legs = figures ? legs_json(collect, index) : json_object();
	json = json_pack(
		"{s:s, s:s, s:o, s:s, s:o, s:i, s:b, s:i, s:o}", "name", storms[index].name, "kind",
		exit_kind_name(storms[index].kind), "raw_reason",
		first && first->raw_reason != ~0U ? json_integer(first->raw_reason) : json_null(),
		"status", status_name[storm->status], "why",
		storm->status ? json_string(storm->why) : json_null(), "cpl", (int)config.cpl,
		"irqchip", (int)config.irqchip, "vcpus", (int)config.vcpus, "native",
		first && first->native != ~0U ? json_boolean(first->native) : json_null());
	json_object_update_new(json, counts_json(storm));
	/* Not an exit's legs: what the operation costs that was to exit and does not. */
	json_object_set_new(json, storm->status == STORM_NO_EXIT ? "operation" : "legs", legs);
	if (storm->status == STORM_NO_EXIT)
		json_object_set_new(json, "legs", json_object());
	json_object_set_new(json, "repeats", parts_json(storm));
	json_object_set_new(json, "control",
			    json_pack("{s:o, s:o}", "period",
				      ticks_json(PARTS_MEDIAN(storm, control_period)), "round_trip",
				      ticks_json(PARTS_MEDIAN(storm, control_round_trip))));
	json_object_set_new(
		json, "stamp_overhead",
		json_pack("{s:o}", "guest", ticks_json(PARTS_MEDIAN(storm, stamp_overhead))));
	if (clocks_differ(storm))
		json_object_set_new(json, "clocks_differ", json_true());
	if (storm->controls)
		json_object_set(json, "controls", storm->controls);
	json_object_set_new(
		json, "counters",
		tally_json(&storm->tally, json_integer_value(json_object_get(json, "operations")),
			   figures ? json_integer_value(json_object_get(json, "exits")) : 0));
	json_object_set_new(json, "core_cycles_per_tick", storm_cycles(storm));
	return json;
}

json_t *collect_controls(const struct collect *collect)
{
	return json_incref(collect->controls);
}

json_t *collect_storms(const struct collect *collect)
{
	json_t *array = json_array();

	for (u32 i = 0; i < storm_count; i++)
		if (collect->storm[i].expected || collect->storm[i].parts)
			json_array_append_new(array, storm_json(collect, i));
	return array;
}
