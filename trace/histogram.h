/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log-linear histograms of ticks: exact below 2^sub_bits, then 2^sub_bits buckets per octave, so
 * that a bucket is never wider than its lower bound / 2^sub_bits (0.1 % at 10 bits).
 *
 * Freestanding. BPF programs use the same index with 5 bits. Quantiles and means, which need
 * floating point, are in analysis/stats.
 */
#ifndef TRACE_HISTOGRAM_H
#define TRACE_HISTOGRAM_H

#include "types.h"

#define HISTOGRAM_SUB_BITS 10
#define HISTOGRAM_TOP_BIT  42 /* values from 2^42 ticks on (half an hour) share the last bucket */
#define HISTOGRAM_BUCKETS  ((HISTOGRAM_TOP_BIT - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	u64 count;
	u64 min, max; /* ticks, exact; min is ~0 while count is 0 */
	u64 sum;      /* ticks, exact */
	u64 bucket[HISTOGRAM_BUCKETS];
};

/* The bucket of a value. Values of 2^42 and more: past HISTOGRAM_BUCKETS, to be clamped. */
static inline u32 histogram_index(u64 value, u32 sub_bits)
{
	u32 shift;

	if (value >> sub_bits == 0)
		return value;
	shift = top_bit(value) - sub_bits;
	return ((shift + 1) << sub_bits) + (u32)((value >> shift) - (1ULL << sub_bits));
}

/* The lowest value of a bucket; the number of values that it holds. */
static inline u64 histogram_low(u32 index, u32 sub_bits)
{
	u32 octave = index >> sub_bits;
	u64 sub = index & ((1U << sub_bits) - 1);

	return octave == 0 ? sub : (sub | 1ULL << sub_bits) << (octave - 1);
}

static inline u64 histogram_width(u32 index, u32 sub_bits)
{
	u32 octave = index >> sub_bits;

	return octave == 0 ? 1 : 1ULL << (octave - 1);
}

static inline void histogram_add(struct histogram *histogram, u64 value)
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

void histogram_reset(struct histogram *histogram);
/* All buckets other than 0 are in *first to *last. histogram->count must not be 0. */
void histogram_used(const struct histogram *histogram, u32 *first, u32 *last);
/* histogram_reset for an initialised histogram: clears only its used buckets. */
void histogram_clear(struct histogram *histogram);
/* Adds all of *from to *into. */
void histogram_merge(struct histogram *into, const struct histogram *from);

#endif
