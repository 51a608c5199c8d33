// SPDX-License-Identifier: GPL-2.0-or-later
#include "repeat_quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "buckets.h"
#include "repeats.h"

/* The rows of one repeat and vCPU while they are read. */
struct reading {
	struct bucket_list list;
	u64 repeat, vcpu, repeats;
	enum leg leg;
	const double *q;
	size_t quantiles;
	double *sum;   /* of the logarithms of vCPUs, [repeat * quantiles + quantile] */
	size_t *vcpus; /* that have the repeat */
};

/* One repeat's rows of a vCPU are complete. */
static void end_rows(struct reading *reading)
{
	u64 total = buckets_sort(reading->list.bucket, reading->list.used);
	double *sum = &reading->sum[reading->repeat * reading->quantiles];

	for (size_t i = 0; total && i < reading->quantiles; i++) {
		double q = reading->q[i], side = fmin(q, 1 - q);

		sum[i] += total * side + 1e-6 < REPEATS_BEYOND
				  ? NAN
				  : log(buckets_quantile(reading->list.bucket, reading->list.used,
							 total, q));
	}
	reading->vcpus[reading->repeat] += total > 0;
	reading->list.used = 0;
}

static int on_row(void *arg, const struct histogram_row *row)
{
	struct reading *reading = arg;

	if (row->leg != reading->leg || row->clean || row->repeat >= reading->repeats)
		return 0;
	if (row->repeat != reading->repeat || row->vcpu != reading->vcpu)
		end_rows(reading);
	reading->repeat = row->repeat;
	reading->vcpu = row->vcpu;
	buckets_add(&reading->list, row->bucket, row->count);
	return 0;
}

static void fill_sample(const struct reading *reading, size_t quantile, double step,
			struct sample *sample)
{
	*sample = (struct sample){
		.log = memory_new(reading->repeats, sizeof(*sample->log)),
		.repeat = memory_new(reading->repeats, sizeof(*sample->repeat)),
	};
	for (u64 i = 0; i < reading->repeats; i++) {
		double value = reading->sum[i * reading->quantiles + quantile] / reading->vcpus[i];

		if (!isfinite(value))
			continue;
		sample->repeat[sample->n] = i;
		sample->log[sample->n++] = value;
	}
	if (sample->n)
		sample->blur = step / 2 / exp(sample_centre(sample));
}

int repeat_quantiles(const struct run *run, const struct run_storm *storm, enum leg leg,
		     const double *q, size_t quantiles, struct sample *sample, char *why)
{
	double count = describe_number(run, "plan.repeats");
	double step = describe_number(run, "target.clock_granularity");
	struct reading reading = {.leg = leg, .q = q, .quantiles = quantiles};
	int error;

	reading.repeats = count >= 1 && count <= UINT16_MAX ? count : 0;
	reading.sum = memory_new(reading.repeats * quantiles + 1, sizeof(*reading.sum));
	reading.vcpus = memory_new(reading.repeats + 1, sizeof(*reading.vcpus));
	error = run_histogram(run, storm->name, on_row, &reading, why);
	if (!error && reading.repeats)
		end_rows(&reading);
	for (size_t i = 0; i < quantiles; i++)
		fill_sample(&reading, i, step > 1 && step < 1e12 ? step : 1, &sample[i]);
	free(reading.list.bucket);
	free(reading.sum);
	free(reading.vcpus);
	return error;
}
