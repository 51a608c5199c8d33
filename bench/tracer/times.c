// SPDX-License-Identifier: GPL-2.0-or-later
#include "times.h"

#include <math.h>

#define SPREAD 64 /* max number of different values that a bucket is expanded to */

void times_add(struct times *into, const struct times *from)
{
	into->exits += from->exits;
	into->sum += from->sum;
	if (!from->count)
		return;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	for (u32 i = 0; i < TRACE_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

static void add_many(struct histogram *histogram, u64 value, u64 count)
{
	u32 index = histogram_index(value, HISTOGRAM_SUB_BITS);

	if (index >= HISTOGRAM_BUCKETS)
		index = HISTOGRAM_BUCKETS - 1;
	histogram->bucket[index] += count;
	histogram->count += count;
	if (value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
}

void times_expand(const struct times *times, double scale, struct histogram *histogram)
{
	u64 seen = 0;

	histogram_reset(histogram);
	for (u32 i = 0; i < TRACE_BUCKETS; i++) {
		u64 count = times->bucket[i], parts = count < SPREAD ? count : SPREAD, done = 0;
		/* Values lie between the minimum and the maximum. */
		double low = fmax(histogram_low(i, TRACE_SUB_BITS), times->min);
		double high =
			fmin(histogram_low(i, TRACE_SUB_BITS) + histogram_width(i, TRACE_SUB_BITS),
			     (double)times->max + 1);

		for (u64 part = 1; part <= parts; part++) {
			double value = low + (high - low) * (part - 0.5) / parts;
			u64 upto = count * part / parts;

			/* Minimum and maximum are kept exactly. */
			if (times->count > 1 && seen == 0 && part == 1)
				value = times->min;
			else if (times->count > 1 && seen + upto == times->count)
				value = times->max;
			add_many(histogram, value * scale, upto - done);
			done = upto;
		}
		seen += count;
	}
	histogram->sum = (u64)((double)times->sum * scale);
}

double times_quantile(const struct times *times, double q)
{
	u64 below = 0;
	double rank = q * (double)times->count;

	if (!times->count)
		return NAN;
	for (u32 i = 0; i < TRACE_BUCKETS; i++) {
		u64 count = times->bucket[i];
		double value;

		if (!count || (double)(below + count) < rank) {
			below += count;
			continue;
		}
		value = histogram_low(i, TRACE_SUB_BITS) +
			histogram_width(i, TRACE_SUB_BITS) * (rank - (double)below) / (double)count;
		return fmin(fmax(value, times->min), times->max);
	}
	return times->max;
}
