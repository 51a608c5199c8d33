// SPDX-License-Identifier: GPL-2.0-or-later
#include "repeats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "load_repeats.h"

const char *const quantile_name[RUN_QUANTILES] = {
	[RUN_P50] = "p50",
	[RUN_P99] = "p99",
	[RUN_P999] = "p99.9",
};

static const double beyond[RUN_QUANTILES] = {[RUN_P50] = 0.5, [RUN_P99] = 0.01, [RUN_P999] = 0.001};

u64 quantile_needs(enum run_quantile quantile)
{
	return quantile == RUN_P50 ? 1 : (u64)ceil(REPEATS_BEYOND / beyond[quantile] - 1e-6);
}

/* One vCPU's value; NAN: it has none. */
static double value_of(const struct repeats *repeats, size_t index, enum leg leg,
		       enum run_quantile quantile, bool clean)
{
	const struct repeat_value *value = repeats_value(repeats, index, leg, clean);

	if (!value || (quantile != RUN_P50 && value->count < quantile_needs(quantile)))
		return NAN;
	return value->quantile[quantile];
}

/* The end of the entries of the same repeat. */
static size_t end_of_repeat(const struct repeats *repeats, size_t from)
{
	size_t next = from;

	while (next < repeats->count && repeats->id[next].repeat == repeats->id[from].repeat)
		next++;
	return next;
}

/* vCPUs of one repeat are not independent, so their geometric mean is the repeat's value. */
static double repeat_log(const struct repeats *repeats, size_t from, size_t to, enum leg leg,
			 enum run_quantile quantile, bool clean)
{
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += log(value_of(repeats, i, leg, quantile, clean));
	return sum / (to - from);
}

/* Of a value in the middle of the sample: the clock's step moves all of them alike. */
static double blur_of(const struct repeats *repeats, enum leg leg, enum run_quantile quantile,
		      bool clean, double middle)
{
	double step = repeats->step[leg], blur = 0;
	size_t n = 0;

	if (quantile != RUN_P50 || !repeats->coarse[leg])
		return repeats->granularity / 2 / middle;
	/* Half a step for values that fill their step alone, and less where values spread. */
	for (size_t i = 0; i < repeats->count; i++) {
		const struct repeat_value *value = repeats_value(repeats, i, leg, clean);

		if (!value || isnan(value->share))
			continue;
		blur += step / 2 * value->share * value->share / value->quantile[RUN_P50];
		n++;
	}
	return n ? blur / n : step / 2 / middle;
}

static int fill_sample(const struct repeats *repeats, enum leg leg, enum run_quantile quantile,
		       bool clean, struct sample *sample, char *why)
{
	size_t all = 0;

	for (size_t i = 0, next; i < repeats->count; i = next, all++) {
		double value;

		next = end_of_repeat(repeats, i);
		value = repeat_log(repeats, i, next, leg, quantile, clean);
		if (isnan(value))
			continue;
		if (!isfinite(value))
			return why_say(why, -ENODATA, "a median that is not positive");
		sample->repeat[sample->n] = repeats->id[i].repeat;
		sample->log[sample->n++] = value;
	}
	if (sample->n * 2 > all)
		return 0;
	if (quantile == RUN_P50)
		return why_say(why, -ENODATA, "no medians of repeats");
	return why_say(why, -ENODATA, "%s needs %llu records per repeat and vCPU",
		       quantile_name[quantile], (unsigned long long)quantile_needs(quantile));
}

int repeats_sample(const struct run *run, const struct run_storm *storm, enum leg leg,
		   enum run_quantile quantile, bool clean, struct sample *sample, char *why)
{
	const struct repeats *repeats;
	int error = repeats_load(run, storm, &repeats, why);

	*sample = (struct sample){0};
	if (error)
		return error;
	sample->log = memory_new(repeats->count, sizeof(*sample->log));
	sample->repeat = memory_new(repeats->count, sizeof(*sample->repeat));
	error = fill_sample(repeats, leg, quantile, clean, sample, why);
	if (error)
		sample_free(sample);
	else
		sample->blur = blur_of(repeats, leg, quantile, clean, exp(sample_centre(sample)));
	return error;
}

int repeats_record_spread(const struct run *run, const struct run_storm *storm, enum leg leg,
			  bool clean, struct record_spread *spread, char *why)
{
	const struct repeats *repeats;
	int error = repeats_load(run, storm, &repeats, why);
	double squared = 0, records = 0;
	size_t n = 0;

	for (size_t i = 0, next; !error && i < repeats->count; i = next) {
		double sum = 0, count = 0;

		next = end_of_repeat(repeats, i);
		for (size_t j = i; j < next; j++) {
			const struct repeat_value *value = repeats_value(repeats, j, leg, clean);

			sum += value ? value->error * value->error : NAN;
			count += value ? value->count : 0;
		}
		if (isnan(sum))
			continue;
		squared += sum / (next - i) / (next - i);
		records += count;
		n++;
	}
	*spread = (struct record_spread){n ? squared / n : NAN, n ? records / n : NAN};
	return error;
}

int repeats_have_clean(const struct run *run, const struct run_storm *storm, enum leg leg,
		       bool *clean, char *why)
{
	const struct repeats *repeats;
	size_t all = 0, some = 0;
	int error = repeats_load(run, storm, &repeats, why);

	for (size_t i = 0, next; !error && i < repeats->count; i = next, all++) {
		next = end_of_repeat(repeats, i);
		some += !isnan(repeat_log(repeats, i, next, leg, RUN_P50, true));
	}
	*clean = some * 2 > all;
	return error;
}
