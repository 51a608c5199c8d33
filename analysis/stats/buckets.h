/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantiles of a histogram that is given by its occupied buckets. */
#ifndef ANALYSIS_STATS_BUCKETS_H
#define ANALYSIS_STATS_BUCKETS_H

#include <stddef.h>

#include "../../trace/histogram.h"

struct bucket_count {
	u32 index;
	u64 count;
};

/* Zeroed, the list has none; its owner frees `bucket`. */
struct bucket_list {
	struct bucket_count *bucket;
	size_t used, room;
};

void buckets_add(struct bucket_list *list, u32 index, u64 count);
/* Sorts by index; returns the sum of the counts, which the functions below take as `total`. */
u64 buckets_sort(struct bucket_count *bucket, size_t used);
/* The values of a bucket are spread over its width. NAN: none. */
double buckets_quantile(const struct bucket_count *bucket, size_t used, u64 total, double q);
/*
 * The median where each value is spread evenly over `step`. *share: the part of all values within
 * one step around it. NAN: none.
 */
double buckets_spread_median(const struct bucket_count *bucket, size_t used, u64 total, double step,
			     double *share);

#endif
