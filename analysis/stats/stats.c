// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats.h"

#include <math.h>

/* The lowest and highest value of a bucket. The last bucket also counts all values beyond it. */
static double bucket_low(u32 index)
{
	return histogram_low(index, HISTOGRAM_SUB_BITS);
}

static double bucket_high(const struct histogram *histogram, u32 index)
{
	if (index == HISTOGRAM_BUCKETS - 1)
		return histogram->max;
	return bucket_low(index) + histogram_width(index, HISTOGRAM_SUB_BITS) - 1;
}

static double bucket_middle(const struct histogram *histogram, u32 index)
{
	return (bucket_low(index) + bucket_high(histogram, index)) / 2;
}

static double clamp(double value, double low, double high)
{
	return value < low ? low : value > high ? high : value;
}

/*
 * The bucket in which the cumulated count reaches `rank`, and the count before it. *next is the
 * occupied bucket after it where the rank lies exactly between the two, else the same bucket.
 */
static u32 find_rank(const struct histogram *histogram, double rank, double *before, u32 *next)
{
	u64 cumulated = 0;
	u32 first, end, last = 0;

	histogram_used(histogram, &first, &end);
	for (u32 i = first; i <= end; i++) {
		u64 count = histogram->bucket[i];

		if (!count)
			continue;
		last = i;
		*before = cumulated;
		cumulated += count;
		if (cumulated >= rank)
			break;
	}
	*next = last;
	if (cumulated == rank && rank < histogram->count) {
		do
			++*next;
		while (!histogram->bucket[*next]);
	}
	return last;
}

double stats_quantile(const struct histogram *histogram, double q)
{
	double rank, before = 0, low, high, value;
	u32 index, next;

	if (!histogram->count || isnan(q))
		return NAN;
	rank = clamp(q, 0, 1) * histogram->count;
	index = find_rank(histogram, rank, &before, &next);
	/* Ticks are integers: a value alone in its bucket stands for value ± 1/2. */
	low = bucket_low(index) - 0.5;
	high = bucket_high(histogram, index) + 0.5;
	if (next != index)
		value = (high + bucket_low(next) - 0.5) / 2;
	else
		value = low + (high - low) * (rank - before) / histogram->bucket[index];
	return clamp(value, histogram->min, histogram->max);
}

/* The plain median with a bucket's middle for its values, from which MAD is computed. */
static double centre(const struct histogram *histogram)
{
	double before;
	u32 next, index = find_rank(histogram, histogram->count / 2.0, &before, &next);

	return (bucket_middle(histogram, index) + bucket_middle(histogram, next)) / 2;
}

/* Next occupied bucket from `index` on in direction `step`; -1: none. */
static s64 occupied(const struct histogram *histogram, s64 index, int step)
{
	u32 first, last;

	histogram_used(histogram, &first, &last);
	while (index >= first && index <= last) {
		if (histogram->bucket[index])
			return index;
		index += step;
	}
	return -1;
}

/* Walks outward from the median in order of distance until half of the values are passed. */
static double deviation(const struct histogram *histogram, double median)
{
	s64 down, up, from = histogram_index(median, HISTOGRAM_SUB_BITS);
	double half = histogram->count / 2.0, distance = 0;
	u64 passed = 0;
	bool between = false;

	if (from >= HISTOGRAM_BUCKETS)
		from = HISTOGRAM_BUCKETS - 1;
	down = occupied(histogram, from, -1);
	up = occupied(histogram, from + 1, 1);
	while (down >= 0 || up >= 0) {
		double below = down >= 0 ? fabs(median - bucket_middle(histogram, down)) : INFINITY;
		double above = up >= 0 ? fabs(bucket_middle(histogram, up) - median) : INFINITY;
		double nearest = fmin(below, above);

		if (between)
			return (distance + nearest) / 2;
		distance = nearest;
		if (below <= above) {
			passed += histogram->bucket[down];
			down = occupied(histogram, down - 1, -1);
		} else {
			passed += histogram->bucket[up];
			up = occupied(histogram, up + 1, 1);
		}
		if (passed > half)
			return distance;
		between = passed == half;
	}
	return distance;
}

static double standard_deviation(const struct histogram *histogram, double mean)
{
	double sum = 0;
	u32 first, last;

	if (histogram->count < 2)
		return 0;
	histogram_used(histogram, &first, &last);
	for (u32 i = first; i <= last; i++) {
		double off;

		if (!histogram->bucket[i])
			continue;
		off = bucket_middle(histogram, i) - mean;
		sum += histogram->bucket[i] * off * off;
	}
	return sqrt(sum / (histogram->count - 1));
}

void stats_summary(const struct histogram *histogram, struct leg_stats *stats)
{
	*stats = (struct leg_stats){
		.count = histogram->count,
		.min = NAN,
		.p50 = NAN,
		.p90 = NAN,
		.p99 = NAN,
		.p999 = NAN,
		.max = NAN,
		.mean = NAN,
		.stddev = NAN,
		.mad = NAN,
	};
	if (!histogram->count)
		return;
	stats->min = histogram->min;
	stats->p50 = stats_quantile(histogram, 0.5);
	stats->p90 = stats_quantile(histogram, 0.9);
	stats->p99 = stats_quantile(histogram, 0.99);
	stats->p999 = stats_quantile(histogram, 0.999);
	stats->max = histogram->max;
	stats->mean = (double)histogram->sum / histogram->count;
	stats->stddev = standard_deviation(histogram, stats->mean);
	stats->mad = deviation(histogram, centre(histogram));
}

struct sum {
	struct histogram *histogram;
	enum leg leg;
};

static int add_row(void *arg, const struct histogram_row *row)
{
	struct sum *sum = arg;

	if (row->leg != sum->leg || row->clean)
		return 0;
	sum->histogram->bucket[row->bucket] += row->count;
	sum->histogram->count += row->count;
	return 0;
}

int stats_add_histogram(const struct run *run, const struct run_storm *storm, enum leg leg,
			struct histogram *histogram, char *why)
{
	struct sum sum = {histogram, leg};

	return run_histogram(run, storm->name, add_row, &sum, why);
}
