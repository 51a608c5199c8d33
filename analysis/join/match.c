// SPDX-License-Identifier: GPL-2.0-or-later
#include "match.h"

#include <errno.h>
#include <stdint.h>

/* Two shifts fit equally well if the hits differ by less than one in so many. */
#define SAME_FIT 500
/* While a shift is tried, one in so many operations may contradict it, and a few at first. */
#define TRIED_AGAINST 16
#define FIRST_AGAINST 2
#define ANCHORS	      4

static u64 middle(const struct join_exit *exit)
{
	return exit->in + (exit->out - exit->in) / 2;
}

/* The first exit whose middle is at `time` or later. */
static size_t first_from(const struct join_stream *stream, u64 time)
{
	size_t low = 0, high = stream->count;

	while (low < high) {
		size_t at = low + (high - low) / 2;

		if (middle(&stream->exit[at]) < time)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

struct join_found join_find(const struct join_stream *stream, s64 shift,
			    const struct record *operation)
{
	struct join_found found = {first_from(stream, operation->guest_out - shift), 0};

	for (size_t i = found.first;
	     i < stream->count && middle(&stream->exit[i]) <= operation->guest_in - shift; i++)
		found.count++;
	return found;
}

enum held { HITS, WITHOUT, AGAINST };

/* Narrows [*low, *high] to the shifts that one operation allows, unless there is none. */
static enum held hold(const struct join_stream *stream, s64 shift, u64 error,
		      const struct record *operation, s64 *low, s64 *high)
{
	struct join_found found = join_find(stream, shift, operation);
	s64 from = *low, to = *high, slack = 2 * (s64)error;

	for (size_t i = found.first; i < found.first + found.count; i++) {
		s64 min = operation->guest_out - stream->exit[i].in,
		    max = operation->guest_in - stream->exit[i].out;

		from = min > from ? min : from;
		to = max < to ? max : to;
	}
	if (!found.count)
		return WITHOUT;
	if (from > to + slack)
		return AGAINST;
	*low = from;
	*high = to;
	return HITS;
}

static void count(struct join_fit *fit, enum held held)
{
	fit->hits += held == HITS;
	fit->without += held == WITHOUT;
	fit->against += held == AGAINST;
}

struct join_fit join_fit(const struct join_stream *stream, s64 shift, u64 error,
			 const struct record *operation, size_t number)
{
	struct join_fit fit = {.low = INT64_MIN / 2, .high = INT64_MAX / 2};

	for (size_t i = 0; i < number; i++) {
		s64 low = shift, high = shift;
		enum held held = hold(stream, shift, error, &operation[i], &low, &high);

		count(&fit, held);
		/* Again without the known shift, for what the order of stamps alone allows. */
		if (held == HITS)
			hold(stream, shift, INT64_MAX / 8, &operation[i], &fit.low, &fit.high);
	}
	return fit;
}

/* A number without common factors with `count` and far from 0 and count, so that probes jump. */
static size_t stride_of(size_t count)
{
	size_t stride = count * 0.618, a, b;

	for (stride += !stride;; stride++) {
		for (a = count, b = stride; b;) {
			size_t rest = a % b;

			a = b;
			b = rest;
		}
		if (a == 1)
			return stride;
	}
}

/* Tries the shifts from low to high, which narrow from probe to probe. False: they do not fit. */
static bool try(const struct join_stream *stream, u64 error, const struct record *operation,
		size_t number, s64 low, s64 high, struct join_fit *fit)
{
	size_t stride = stride_of(number), at = 0;

	*fit = (struct join_fit){.low = low, .high = high};
	for (size_t i = 0; i < number; i++, at = (at + stride) % number) {
		s64 shift = fit->low + (fit->high - fit->low) / 2;

		count(fit, hold(stream, shift, error, &operation[at], &fit->low, &fit->high));
		if (fit->without + fit->against > FIRST_AGAINST + i / TRIED_AGAINST)
			return false;
	}
	return true;
}

/* Shifts that allow each other's: the same one, found by another exit of the same operation. */
static bool meet(const struct join_fit *one, const struct join_fit *other)
{
	return one->low <= other->high && other->low <= one->high;
}

/* The best fit so far, and how many hits the best of the others has. */
struct ranking {
	struct join_fit best;
	size_t second;
};

static void rank(struct ranking *ranking, const struct join_fit *fit)
{
	bool same = ranking->best.hits && meet(&ranking->best, fit);

	if (fit->hits > ranking->best.hits) {
		if (!same)
			ranking->second = ranking->best.hits;
		ranking->best = *fit;
	} else if (!same && fit->hits > ranking->second) {
		ranking->second = fit->hits;
	}
}

/* Each exit in turn is taken for that of one operation, the anchor. */
static void try_all(const struct join_stream *stream, u64 error, const struct record *operation,
		    size_t number, const struct record *anchor, struct ranking *ranking)
{
	for (size_t i = 0; i < stream->count; i++) {
		s64 low = anchor->guest_out - stream->exit[i].in,
		    high = anchor->guest_in - stream->exit[i].out;
		struct join_fit fit;

		if (low <= high + 2 * (s64)error &&
		    try(stream, error, operation, number, low, high, &fit))
			rank(ranking, &fit);
	}
}

/*
 * A shift by one operation fits nearly all of a steady storm, but neither the ends of its batches
 * nor the irregular times between them. Several anchors, as one may itself not fit.
 */
int join_order(const struct join_stream *stream, u64 error, const struct record *operation,
	       size_t count, struct join_fit *fit)
{
	struct ranking ranking = {.second = 0};

	for (size_t i = 0; count && i < ANCHORS; i++)
		try_all(stream, error, operation, count,
			&operation[i * (count - 1) / (ANCHORS - 1)], &ranking);
	*fit = ranking.best;
	if (!fit->hits || fit->hits * 10 < count * 9)
		return -ENOENT;
	return ranking.second + ranking.second / SAME_FIT >= fit->hits ? -EEXIST : 0;
}
