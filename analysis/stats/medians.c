// SPDX-License-Identifier: GPL-2.0-or-later
#include "medians.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../describe/describe.h"

/* Bisection steps: 2^-20 of the clock's step is below any printed digit. */
#define HALVINGS 20

static double middle_of(u32 bucket)
{
	return histogram_low(bucket, HISTOGRAM_SUB_BITS) +
	       (histogram_width(bucket, HISTOGRAM_SUB_BITS) - 1) / 2.0;
}

static double share_below(double at, double value, double step)
{
	double share = (at - value) / step + 0.5;

	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* The number of values below `at` in buckets from `from` on; all buckets before it lie below. */
static double count_below(const struct histogram *histogram, u32 from, double at, double step)
{
	double count = 0;

	for (u32 i = from; i < HISTOGRAM_BUCKETS && middle_of(i) - step / 2 < at; i++)
		if (histogram->bucket[i])
			count += histogram->bucket[i] * share_below(at, middle_of(i), step);
	return count;
}

double medians_spread(const struct histogram *histogram, double step, double *share)
{
	double half = histogram->count / 2.0, before = 0, low, high;
	u32 median = 0, from;
	u64 all = 0;

	*share = NAN;
	if (!histogram->count)
		return NAN;
	while (all + histogram->bucket[median] < half)
		all += histogram->bucket[median++];
	/* The spread median lies within one step of the plain median. */
	low = middle_of(median) - step;
	high = middle_of(median) + step;
	for (from = 0; from < median && middle_of(from) + step / 2 < low; from++)
		before += histogram->bucket[from];
	for (int i = 0; i < HALVINGS; i++) {
		double at = (low + high) / 2;

		if (before + count_below(histogram, from, at, step) < half)
			low = at;
		else
			high = at;
	}
	low = (low + high) / 2;
	*share = (count_below(histogram, from, low + step / 2, step) -
		  count_below(histogram, from, low - step / 2, step)) /
		 histogram->count;
	return low;
}

bool medians_have_clean(const struct run_storm *storm, enum leg leg)
{
	const json_t *repeats = json_object_get(storm->json, "repeats");
	size_t n = json_array_size(repeats);

	for (size_t i = 0; i < n; i++) {
		const json_t *p50 = json_object_get(json_array_get(repeats, i), "p50_clean");

		if (!json_is_number(json_object_get(p50, leg_name[leg])))
			return false;
	}
	return n;
}

/* One repeat and vCPU. */
struct part {
	u64 repeat, vcpu;
	double median;
};

struct parts {
	struct part *part;
	size_t n;
	double blur; /* sum of the parts' blurs, relative to their medians */
	size_t blurs;
	/* While histograms are read. */
	enum leg leg;
	bool clean;
	double step;
	struct histogram *histogram;
	u64 repeat, vcpu;
};

static u64 count_at(const json_t *object, const char *key, u64 otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0
		       ? (u64)json_integer_value(value)
		       : otherwise;
}

static int parts_of_json(const struct run_storm *storm, struct parts *parts, char *why)
{
	const json_t *repeats = json_object_get(storm->json, "repeats");
	size_t n = json_array_size(repeats);

	parts->part = calloc(n + 1, sizeof(*parts->part));
	if (!parts->part)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *repeat = json_array_get(repeats, i), *p50;

		p50 = json_object_get(json_object_get(repeat, parts->clean ? "p50_clean" : "p50"),
				      leg_name[parts->leg]);
		if (!json_is_number(p50))
			continue;
		parts->part[parts->n++] = (struct part){
			.repeat = count_at(repeat, "repeat", i),
			.vcpu = count_at(repeat, "vcpu", 0),
			.median = json_number_value(p50),
		};
	}
	if (parts->n)
		return 0;
	snprintf(why, RUN_WHY, "no medians of repeats");
	return -ENODATA;
}

/* One repeat's histogram is complete: its median replaces that of run.json. */
static void part_done(struct parts *parts)
{
	struct histogram *histogram = parts->histogram;
	double share, median = medians_spread(histogram, parts->step, &share);

	for (size_t i = 0; histogram->count && i < parts->n; i++) {
		if (parts->part[i].repeat != parts->repeat || parts->part[i].vcpu != parts->vcpu)
			continue;
		parts->part[i].median = median;
		/*
		 * The blur is half a step for a value that fills its step alone, and less where
		 * values spread.
		 */
		parts->blur += parts->step / 2 * share * share / median;
		parts->blurs++;
	}
	histogram_reset(histogram);
}

static int on_row(void *arg, const struct histogram_row *row)
{
	struct parts *parts = arg;

	if (row->leg != parts->leg || row->clean != parts->clean)
		return 0;
	if (row->repeat != parts->repeat || row->vcpu != parts->vcpu)
		part_done(parts);
	parts->repeat = row->repeat;
	parts->vcpu = row->vcpu;
	parts->histogram->bucket[row->bucket] += row->count;
	parts->histogram->count += row->count;
	return 0;
}

static int parts_of_histograms(const struct run *run, const struct run_storm *storm,
			       struct parts *parts, char *why)
{
	int error;

	parts->histogram = malloc(sizeof(*parts->histogram));
	if (!parts->histogram)
		return -ENOMEM;
	histogram_reset(parts->histogram);
	error = *run->path ? run_histogram(run, storm->name, on_row, parts, why) : -ENOENT;
	if (!error)
		part_done(parts);
	free(parts->histogram);
	return error == -ENOENT ? 0 : error;
}

static int compare_parts(const void *one, const void *other)
{
	const struct part *a = one, *b = other;

	return a->repeat == b->repeat ? 0 : a->repeat < b->repeat ? -1 : 1;
}

/* vCPUs of one repeat are not independent, so their geometric mean is the repeat's value. */
static int sample_of(struct parts *parts, struct sample *sample, char *why)
{
	sample->log = calloc(parts->n, sizeof(*sample->log));
	sample->repeat = calloc(parts->n, sizeof(*sample->repeat));
	sample->n = 0;
	if (!sample->log || !sample->repeat) {
		sample_free(sample);
		return -ENOMEM;
	}
	qsort(parts->part, parts->n, sizeof(*parts->part), compare_parts);
	for (size_t i = 0, next; i < parts->n; i = next) {
		double sum = 0;

		for (next = i; next < parts->n && parts->part[next].repeat == parts->part[i].repeat;
		     next++)
			sum += log(parts->part[next].median);
		if (!isfinite(sum)) {
			sample_free(sample);
			snprintf(why, RUN_WHY, "a median that is not positive");
			return -ENODATA;
		}
		sample->repeat[sample->n] = parts->part[i].repeat;
		sample->log[sample->n++] = sum / (next - i);
	}
	return 0;
}

/* An emulator that counts instructions has no clock step. */
static double clock_step(const struct run *run, double median)
{
	double step = describe_number(run, "target.clock_granularity"), width;
	u32 bucket = histogram_index(median, HISTOGRAM_SUB_BITS);

	if (!strcmp(run_string(run, "target.clock"), "instructions"))
		return 0;
	width = bucket < HISTOGRAM_BUCKETS ? histogram_width(bucket, HISTOGRAM_SUB_BITS) : 1;
	return step >= width && step < median * 1e3 ? step : width;
}

int medians_sample(const struct run *run, const struct run_storm *storm, enum leg leg, bool clean,
		   double fine, struct sample *sample, char *why)
{
	double median = storm->leg[leg].all.p50, step;
	struct parts parts = {.leg = leg, .clean = clean};
	int error;

	*sample = (struct sample){0};
	error = parts_of_json(storm, &parts, why);
	step = !error && median >= 0 && median < 1e18 ? clock_step(run, median) : 0;
	if (!error && step > fine * median) {
		parts.step = step;
		error = parts_of_histograms(run, storm, &parts, why);
		/* Without histograms half a step is assumed. */
		sample->blur = parts.blurs ? parts.blur / parts.blurs : step / 2 / median;
	}
	if (!error)
		error = sample_of(&parts, sample, why);
	free(parts.part);
	return error;
}
