// SPDX-License-Identifier: GPL-2.0-or-later
#include "sparse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* The buckets that either of them uses. */
static void range_of(const struct sparse *sparse, const struct histogram *histogram, u32 *first,
		     u32 *last)
{
	histogram_used(histogram, first, last);
	if (sparse->used) {
		*first = MIN(*first, sparse->bucket[0].index);
		*last = MAX(*last, sparse->bucket[sparse->used - 1].index);
	}
}

/* Both are in ascending order of buckets: one pass merges them. */
static u32 unite(const struct sparse *sparse, const struct histogram *histogram,
		 struct sparse_bucket *into)
{
	u32 used = 0, at = 0, first, last;

	range_of(sparse, histogram, &first, &last);
	for (u32 index = first; index <= last; index++) {
		u64 count = histogram->bucket[index];

		if (at < sparse->used && sparse->bucket[at].index == index)
			count += sparse->bucket[at++].count;
		if (count)
			into[used++] = (struct sparse_bucket){index, count};
	}
	return used;
}

/* The maximum of buckets that unite() fills. */
static u32 room_for(const struct sparse *sparse, const struct histogram *histogram)
{
	u32 room = sparse->used, first, last;

	range_of(sparse, histogram, &first, &last);
	for (u32 index = first; index <= last; index++)
		room += histogram->bucket[index] != 0;
	return room;
}

int sparse_add(struct sparse *sparse, const struct histogram *histogram)
{
	struct sparse_bucket *bucket;
	u64 count, sum;

	if (!histogram->count)
		return 0;
	if (__builtin_add_overflow(sparse->count, histogram->count, &count) ||
	    __builtin_add_overflow(sparse->sum, histogram->sum, &sum))
		return -EOVERFLOW;
	bucket = malloc(room_for(sparse, histogram) * sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	if (!sparse->count || histogram->min < sparse->min)
		sparse->min = histogram->min;
	if (!sparse->count || histogram->max > sparse->max)
		sparse->max = histogram->max;
	sparse->used = unite(sparse, histogram, bucket);
	free(sparse->bucket);
	sparse->bucket = bucket;
	sparse->count = count;
	sparse->sum = sum;
	return 0;
}

void sparse_expand(const struct sparse *sparse, struct histogram *histogram)
{
	histogram_reset(histogram);
	for (u32 i = 0; i < sparse->used; i++)
		histogram->bucket[sparse->bucket[i].index] = sparse->bucket[i].count;
	histogram->count = sparse->count;
	histogram->sum = sparse->sum;
	if (sparse->count) {
		histogram->min = sparse->min;
		histogram->max = sparse->max;
	}
}

void sparse_free(struct sparse *sparse)
{
	free(sparse->bucket);
	memset(sparse, 0, sizeof(*sparse));
}
