// SPDX-License-Identifier: GPL-2.0-or-later
#include "buckets.h"

#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"

/* Bisection steps: 2^-20 of the clock's step is below any printed digit. */
#define HALVINGS 20

void buckets_add(struct bucket_list *list, u32 index, u64 count)
{
	if (list->used == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->bucket = memory_resize(list->bucket, list->room, sizeof(*list->bucket));
	}
	list->bucket[list->used++] = (struct bucket_count){index, count};
}

static int compare_buckets(const void *one, const void *other)
{
	const struct bucket_count *a = one, *b = other;

	return a->index == b->index ? 0 : a->index < b->index ? -1 : 1;
}

u64 buckets_sort(struct bucket_count *bucket, size_t used)
{
	bool sorted = true;
	u64 total = 0;

	for (size_t i = 0; i < used; i++) {
		sorted &= !i || bucket[i - 1].index < bucket[i].index;
		total += bucket[i].count;
	}
	if (!sorted)
		qsort(bucket, used, sizeof(*bucket), compare_buckets);
	return total;
}

double buckets_quantile(const struct bucket_count *bucket, size_t used, u64 total, double q)
{
	double rank = q * total, before = 0;

	for (size_t i = 0; i < used; i++) {
		double count = bucket[i].count;

		if (count && before + count >= rank)
			/* Ticks are integers: a value alone in its bucket stands for value +- 1/2.
			 */
			return histogram_low(bucket[i].index, HISTOGRAM_SUB_BITS) - 0.5 +
			       histogram_width(bucket[i].index, HISTOGRAM_SUB_BITS) *
				       (rank - before) / count;
		before += count;
	}
	return NAN;
}

static double middle_of(u32 index)
{
	return histogram_low(index, HISTOGRAM_SUB_BITS) +
	       (histogram_width(index, HISTOGRAM_SUB_BITS) - 1) / 2.0;
}

static double share_below(double at, double value, double step)
{
	double share = (at - value) / step + 0.5;

	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* Values below `at` in the buckets of `from` and after it; all buckets before it lie below. */
static double count_below(const struct bucket_count *bucket, size_t from, size_t used, double at,
			  double step)
{
	double count = 0;

	for (size_t i = from; i < used && middle_of(bucket[i].index) - step / 2 < at; i++)
		count += bucket[i].count * share_below(at, middle_of(bucket[i].index), step);
	return count;
}

double buckets_spread_median(const struct bucket_count *bucket, size_t used, u64 total, double step,
			     double *share)
{
	double half = total / 2.0, before = 0, low, high;
	size_t median = 0, from;
	u64 all = 0;

	*share = NAN;
	if (!total)
		return NAN;
	while (all + bucket[median].count < half)
		all += bucket[median++].count;
	/* The spread median lies within one step of the plain median. */
	low = middle_of(bucket[median].index) - step;
	high = middle_of(bucket[median].index) + step;
	for (from = 0; from < median && middle_of(bucket[from].index) + step / 2 < low; from++)
		before += bucket[from].count;
	for (int i = 0; i < HALVINGS; i++) {
		double at = (low + high) / 2;

		if (before + count_below(bucket, from, used, at, step) < half)
			low = at;
		else
			high = at;
	}
	low = (low + high) / 2;
	*share = (count_below(bucket, from, used, low + step / 2, step) -
		  count_below(bucket, from, used, low - step / 2, step)) /
		 total;
	return low;
}
