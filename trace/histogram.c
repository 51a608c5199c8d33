// SPDX-License-Identifier: GPL-2.0-or-later
#include "histogram.h"

void histogram_reset(struct histogram *histogram)
{
	__builtin_memset(histogram, 0, sizeof(*histogram));
	histogram->min = ~0ULL;
}

void histogram_used(const struct histogram *histogram, u32 *first, u32 *last)
{
	*first = histogram_index(histogram->min, HISTOGRAM_SUB_BITS);
	*last = histogram_index(histogram->max, HISTOGRAM_SUB_BITS);
	if (*last >= HISTOGRAM_BUCKETS)
		*last = HISTOGRAM_BUCKETS - 1;
	if (*first > *last)
		*first = *last;
}

void histogram_clear(struct histogram *histogram)
{
	u32 first, last;

	if (histogram->count) {
		histogram_used(histogram, &first, &last);
		__builtin_memset(histogram->bucket + first, 0,
				 (last - first + 1) * sizeof(histogram->bucket[0]));
	}
	histogram->count = histogram->max = histogram->sum = 0;
	histogram->min = ~0ULL;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	u32 first, last;

	if (!from->count)
		return;
	histogram_used(from, &first, &last);
	for (u32 i = first; i <= last; i++)
		into->bucket[i] += from->bucket[i];
	into->count += from->count;
	into->sum += from->sum;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}
