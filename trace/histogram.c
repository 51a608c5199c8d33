// SPDX-License-Identifier: GPL-2.0-or-later
#include "histogram.h"

void histogram_reset(struct histogram *histogram)
{
	__builtin_memset(histogram, 0, sizeof(*histogram));
	histogram->min = ~0ULL;
}

void histogram_add(struct histogram *histogram, u64 value)
{
	u32 index = histogram_index(value, HISTOGRAM_SUB_BITS);

	if (index >= HISTOGRAM_BUCKETS)
		index = HISTOGRAM_BUCKETS - 1;
	histogram->bucket[index]++;
	histogram->count++;
	histogram->sum += value;
	if (value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	u32 last = histogram_index(from->max, HISTOGRAM_SUB_BITS);

	/* Most are much shorter than there is room for. */
	for (u32 i = 0; i < HISTOGRAM_BUCKETS && i <= last; i++)
		into->bucket[i] += from->bucket[i];
	into->count += from->count;
	into->sum += from->sum;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}
