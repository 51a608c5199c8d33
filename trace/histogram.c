// SPDX-License-Identifier: GPL-2.0-or-later
#include "histogram.h"

void histogram_reset(struct histogram *histogram)
{
	__builtin_memset(histogram, 0, sizeof(*histogram));
	histogram->min = ~0ULL;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	u32 first = histogram_index(from->min, HISTOGRAM_SUB_BITS);
	u32 last = histogram_index(from->max, HISTOGRAM_SUB_BITS);

	if (!from->count)
		return;
	if (last >= HISTOGRAM_BUCKETS)
		last = HISTOGRAM_BUCKETS - 1;
	for (u32 i = first < last ? first : last; i <= last; i++)
		into->bucket[i] += from->bucket[i];
	into->count += from->count;
	into->sum += from->sum;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}
