// SPDX-License-Identifier: GPL-2.0-or-later
#include "load_repeats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "buckets.h"

/* A clock's step above this part of the median is spread over the values. */
#define FINE 0.001

/* The rows of one repeat, vCPU, leg and class while they are read. */
struct reading {
	struct repeats *repeats;
	struct bucket_list list;
	u64 repeat, vcpu;
	u16 leg, clean;
	size_t last; /* entry of the rows before */
};

struct repeat_value *repeats_value(const struct repeats *repeats, size_t index, enum leg leg,
				   bool clean)
{
	if (!repeats->slot[leg])
		return NULL;
	return &repeats->value[(index * repeats->slots + repeats->slot[leg] - 1) * 2 + clean];
}

static int compare_ids(const void *one, const void *other)
{
	const struct repeat_id *a = one, *b = other;

	if (a->repeat != b->repeat)
		return a->repeat < b->repeat ? -1 : 1;
	return a->vcpu == b->vcpu ? 0 : a->vcpu < b->vcpu ? -1 : 1;
}

static u64 count_at(const json_t *object, const char *key, u64 otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0
		       ? (u64)json_integer_value(value)
		       : otherwise;
}

static double median_at(const json_t *repeat, enum leg leg, bool clean)
{
	const json_t *p50 = json_object_get(repeat, clean ? "p50_clean" : "p50");
	const json_t *value = json_object_get(p50, leg_name[leg]);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void set_medians(struct repeats *repeats, const json_t *array)
{
	for (size_t i = 0; i < repeats->count; i++) {
		const json_t *repeat = json_array_get(array, repeats->id[i].entry);

		for (int leg = 0; leg < LEGS; leg++)
			for (int clean = 0; clean < 2; clean++) {
				struct repeat_value *value = repeats_value(repeats, i, leg, clean);

				if (value)
					*value = (struct repeat_value){
						.quantile = {median_at(repeat, leg, clean), NAN,
							     NAN},
						.share = NAN,
						.error = NAN,
					};
			}
	}
}

/* An emulator that counts instructions has no clock step. */
static void set_steps(const struct run *run, const struct run_storm *storm, struct repeats *repeats)
{
	double step = describe_number(run, "target.clock_granularity");
	bool instructions = !strcmp(run_string(run, "target.clock"), "instructions");

	repeats->granularity = step > 0 && step < 0x1p40 && !instructions ? step : 0;
	for (int leg = 0; leg < LEGS; leg++) {
		double median = storm->leg[leg].all.p50, width;
		u32 bucket;

		if (!repeats->slot[leg] || instructions || !(median >= 0) || median >= 1e18)
			continue;
		bucket = histogram_index(median, HISTOGRAM_SUB_BITS);
		width = bucket < HISTOGRAM_BUCKETS ? histogram_width(bucket, HISTOGRAM_SUB_BITS)
						   : 1;
		repeats->step[leg] = step >= width && step < median * 1e3 ? step : width;
		repeats->coarse[leg] = repeats->step[leg] > FINE * median;
	}
}

static struct repeats *repeats_new(const struct run_storm *storm)
{
	const json_t *array = json_object_get(storm->json, "repeats");
	size_t count = json_array_size(array), slots = 0, ids, values;
	struct repeats *repeats;

	for (int leg = 0; leg < LEGS; leg++)
		slots += storm->leg[leg].site != NULL;
	ids = count * sizeof(*repeats->id);
	values = count * slots * 2 * sizeof(*repeats->value);
	repeats = memory_new(1, sizeof(*repeats) + ids + values);
	repeats->count = count;
	repeats->id = (struct repeat_id *)(repeats + 1);
	repeats->value = (struct repeat_value *)(repeats->id + count);
	for (int leg = 0; leg < LEGS; leg++)
		if (storm->leg[leg].site)
			repeats->slot[leg] = ++repeats->slots;
	for (size_t i = 0; i < count; i++) {
		const json_t *repeat = json_array_get(array, i);

		repeats->id[i] = (struct repeat_id){
			.repeat = count_at(repeat, "repeat", i),
			.vcpu = count_at(repeat, "vcpu", 0),
			.entry = i,
		};
	}
	if (count)
		qsort(repeats->id, count, sizeof(*repeats->id), compare_ids);
	set_medians(repeats, array);
	return repeats;
}

/* Rows come repeat by repeat, so the entry is mostly that of the rows before. */
static bool find_entry(struct reading *reading)
{
	const struct repeats *repeats = reading->repeats;
	struct repeat_id key = {.repeat = reading->repeat, .vcpu = reading->vcpu}, *found;

	if (reading->last < repeats->count && !compare_ids(&repeats->id[reading->last], &key))
		return true;
	found = repeats->count
			? bsearch(&key, repeats->id, repeats->count, sizeof(key), compare_ids)
			: NULL;
	if (!found)
		return false;
	reading->last = found - repeats->id;
	return true;
}

/*
 * Half the distance of the quantiles one standard deviation of the rank above and below the median;
 * with a coarse clock by the density around it, one over twice the density at the median.
 */
static double median_error(const struct reading *reading, const struct repeat_value *value,
			   double step)
{
	double off = 0.5 / sqrt(value->count), half;
	const struct bucket_count *bucket = reading->list.bucket;

	if (off >= 0.5)
		return NAN;
	if (!isnan(value->share))
		half = step * off / value->share;
	else
		half = (buckets_quantile(bucket, reading->list.used, value->count, 0.5 + off) -
			buckets_quantile(bucket, reading->list.used, value->count, 0.5 - off)) /
		       2;
	return half / value->quantile[RUN_P50];
}

/* One repeat's rows are complete. */
static void end_rows(struct reading *reading)
{
	struct repeats *repeats = reading->repeats;
	struct repeat_value *value = NULL;

	if (reading->list.used && find_entry(reading))
		value = repeats_value(repeats, reading->last, reading->leg, reading->clean);
	if (value) {
		double step = repeats->step[reading->leg];

		value->count = buckets_sort(reading->list.bucket, reading->list.used);
		if (repeats->coarse[reading->leg])
			value->quantile[RUN_P50] =
				buckets_spread_median(reading->list.bucket, reading->list.used,
						      value->count, step, &value->share);
		value->quantile[RUN_P99] = buckets_quantile(reading->list.bucket,
							    reading->list.used, value->count, 0.99);
		value->quantile[RUN_P999] = buckets_quantile(
			reading->list.bucket, reading->list.used, value->count, 0.999);
		value->error = median_error(reading, value, step);
	}
	reading->list.used = 0;
}

static int on_row(void *arg, const struct histogram_row *row)
{
	struct reading *reading = arg;

	if (row->leg != reading->leg || row->clean != reading->clean ||
	    row->repeat != reading->repeat || row->vcpu != reading->vcpu)
		end_rows(reading);
	reading->repeat = row->repeat;
	reading->vcpu = row->vcpu;
	reading->leg = row->leg;
	reading->clean = row->clean;
	buckets_add(&reading->list, row->bucket, row->count);
	return 0;
}

static int read_histograms(const struct run *run, const struct run_storm *storm,
			   struct repeats *repeats, char *why)
{
	struct reading reading = {.repeats = repeats};
	int error = *run->path ? run_histogram(run, storm->name, on_row, &reading, why) : -ENOENT;

	if (!error)
		end_rows(&reading);
	free(reading.list.bucket);
	return error == -ENOENT ? 0 : error;
}

int repeats_load(const struct run *run, const struct run_storm *storm,
		 const struct repeats **repeats, char *why)
{
	struct repeats *made = storm->cache;
	int error;

	*repeats = made;
	if (made)
		return 0;
	made = repeats_new(storm);
	set_steps(run, storm, made);
	error = read_histograms(run, storm, made, why);
	if (error) {
		free(made);
		return error;
	}
	((struct run_storm *)storm)->cache = made;
	*repeats = made;
	return 0;
}
