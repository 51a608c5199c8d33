// SPDX-License-Identifier: GPL-2.0-or-later
#include "recount.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "stats.h"

/*
 * A period is of a batch, not of a record, and a guest_visit needs the next record, which may not
 * have been kept.
 */
static bool is_counted(enum leg leg)
{
	return leg != LEG_PERIOD && leg != LEG_CONTROL && leg != LEG_GUEST_VISIT;
}

enum { CLEAN, DISTURBED, CLASSES };

struct counts {
	struct histogram histogram[LEGS][CLASSES];
	bool wanted[LEGS];
	u64 records, disturbed;
};

/* The totals of a histogram, kept in registers by count_leg's loop. */
struct totals {
	u64 count, sum, min, max;
};

static inline void count_ticks(struct totals *totals, u64 *bucket, u64 ticks)
{
	u32 index = histogram_index(ticks, HISTOGRAM_SUB_BITS);

	bucket[index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1]++;
	totals->count++;
	totals->sum += ticks;
	totals->min = ticks < totals->min ? ticks : totals->min;
	totals->max = ticks > totals->max ? ticks : totals->max;
}

static void add_totals(const struct totals *totals, struct histogram *histogram)
{
	histogram->count += totals->count;
	histogram->sum += totals->sum;
	histogram->min = totals->min < histogram->min ? totals->min : histogram->min;
	histogram->max = totals->max > histogram->max ? totals->max : histogram->max;
}

/*
 * Counts one leg of a block of records, which stays in the cache between legs: so the loop has no
 * branch on the leg.
 */
static void count_leg(const struct record *record, size_t count, enum leg leg,
		      struct histogram *histogram)
{
	struct totals clean = {.min = ~0ULL}, disturbed = clean;
	const u8 from = record_ends[leg].from, to = record_ends[leg].to;
	const bool alone = leg == LEG_IN_KERNEL, first = leg == LEG_FIRST; /* as in record_leg() */

	for (const struct record *last = record + count; record < last; record++) {
		u64 begin = *(const u64 *)((const u8 *)record + from);
		u64 end = *(const u64 *)((const u8 *)record + to);

		if (first && !(record->flags & RECORD_COLD))
			continue;
		if (!begin || end < begin || (alone && (record->host_in || record->host_out)))
			continue;
		if (!(record->flags & RECORD_DISTURBED))
			count_ticks(&clean, histogram[CLEAN].bucket, end - begin);
		else
			count_ticks(&disturbed, histogram[DISTURBED].bucket, end - begin);
	}
	add_totals(&clean, &histogram[CLEAN]);
	add_totals(&disturbed, &histogram[DISTURBED]);
}

static int count_block(void *arg, const struct record *record, size_t count)
{
	struct counts *counts = arg;

	for (int i = 0; i < LEGS; i++)
		if (counts->wanted[i])
			count_leg(record, count, i, counts->histogram[i]);
	counts->records += count;
	return 0;
}

static void set_stats(struct run_storm *storm, struct counts *counts)
{
	for (int leg = 0; leg < LEGS; leg++) {
		storm->leg[leg].all.count = storm->leg[leg].clean.count = 0;
		storm->leg[leg].ci_low = storm->leg[leg].ci_high = NAN;
	}
	for (int i = 0; i < LEGS; i++) {
		struct histogram *histogram = counts->histogram[i];
		struct run_leg *leg = &storm->leg[i];

		if (!counts->wanted[i])
			continue;
		counts->disturbed = histogram[DISTURBED].count > counts->disturbed
					    ? histogram[DISTURBED].count
					    : counts->disturbed;
		stats_summary(&histogram[CLEAN], &leg->clean);
		histogram_merge(&histogram[CLEAN], &histogram[DISTURBED]);
		stats_summary(&histogram[CLEAN], &leg->all);
	}
	storm->disturbed = counts->disturbed;
	storm->lost = 0;
}

static int recount_storm(const struct run *run, struct run_storm *storm, enum leg leg,
			 struct counts *counts, char *why)
{
	int error;

	counts->records = counts->disturbed = 0;
	for (int i = 0; i < LEGS; i++) {
		counts->wanted[i] =
			is_counted(i) && (leg == LEGS || (int)leg == i) && storm->leg[i].site;
		for (int class = 0; class < CLASSES; class ++)
			histogram_reset(&counts->histogram[i][class]);
	}
	error = run_sample_blocks(run, storm->name, count_block, counts, why);
	if (!error)
		set_stats(storm, counts);
	return error;
}

int recount(struct run *run, enum leg leg, char *why)
{
	struct counts *counts = memory_get(sizeof(*counts));
	size_t done = 0;
	u64 records = 0;
	int error = 0;

	for (size_t i = 0; !error && i < run->storms; i++) {
		struct run_storm *storm = &run->storm[i];

		if (storm->samples && !strcmp(storm->status, "measured")) {
			error = recount_storm(run, storm, leg, counts, why);
			records += counts->records;
			done++;
		} else {
			for (int leg = 0; leg < LEGS; leg++)
				storm->leg[leg].all.count = storm->leg[leg].clean.count = 0;
		}
	}
	free(counts);
	if (!error)
		compose_set(run->json, "recounted", json_integer(records));
	if (!error && !done)
		return why_say(why, -ENODATA, "%s: kept no records (run --samples keeps some)",
			       why_path(run->path));
	return error;
}
