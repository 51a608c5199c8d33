// SPDX-License-Identifier: GPL-2.0-or-later
/* Folds a batch's records into histograms and samples, in constant memory. */
#include "../../hv/host.h"
#include "legs.h"
#include "measure.h"

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static u64 splitmix64(u64 state)
{
	state += 0x9e3779b97f4a7c15ULL;
	state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ULL;
	state = (state ^ state >> 27) * 0x94d049bb133111ebULL;
	return state ^ state >> 31;
}

/* The first record of stratum `pick` of `picks`. No overflow up to total 10^12, picks 10^8. */
static u64 stratum(u64 pick, u64 picks, u64 total)
{
	return total / picks * pick + total % picks * pick / picks;
}

/* Stratified sampling: one record at random from each of `picks` equal parts of the records. */
static void pick_next(struct measurement *m)
{
	const struct runner *runner = m->runner;
	struct fold *fold = &m->fold;
	u64 from, to, seed;

	if (fold->pick == fold->picks) {
		fold->pick_at = ~0ULL;
		return;
	}
	from = stratum(fold->pick, fold->picks, runner->plan->exits);
	to = stratum(fold->pick + 1, fold->picks, runner->plan->exits);
	seed = splitmix64(runner->plan->seed ^ splitmix64((u64)m->result.storm << 32 |
							  (u64)runner->repeat << 16 | m->vcpu));
	fold->pick_at = from + splitmix64(seed + fold->pick) % (to - from);
	fold->pick++;
}

/* The number of samples that this vCPU and repeat contributes to plan.samples. */
static u64 picks_share(const struct measurement *m)
{
	const struct runner *runner = m->runner;
	u64 senders = runner->group->senders.members;
	u64 parts = senders * runner->plan->repeats;
	u64 rank = m->vcpu * senders / runner->group->all.members;
	u64 part = runner->repeat * senders + rank;
	u64 share = stratum(part + 1, parts, runner->plan->samples) -
		    stratum(part, parts, runner->plan->samples);

	return share < runner->plan->exits ? share : runner->plan->exits;
}

static struct histogram *histogram_new(struct histogram_cache *cache)
{
	struct histogram *histogram;

	if (cache && cache->spares)
		return cache->spare[--cache->spares];
	histogram = host_alloc(sizeof(*histogram));
	if (histogram) /* the rest of histogram_reset: memory is zeroed */
		histogram->min = ~0ULL;
	return histogram;
}

static void histogram_done(struct histogram_cache *cache, struct histogram *histogram)
{
	if (!histogram)
		return;
	if (cache && cache->spares < sizeof(cache->spare) / sizeof(cache->spare[0])) {
		histogram_clear(histogram);
		cache->spare[cache->spares++] = histogram;
	} else {
		host_free(histogram, sizeof(*histogram));
	}
}

void histogram_cache_free(struct histogram_cache *cache)
{
	while (cache->spares)
		host_free(cache->spare[--cache->spares], sizeof(**cache->spare));
}

int fold_begin(struct measurement *m)
{
	const struct runner *runner = m->runner;

	for (int leg = 0; leg < LEGS; leg++) {
		if (!runner_has_leg(runner->storm, runner->plan, m->every_exit, leg))
			continue;
		m->fold.leg[leg].clean = histogram_new(runner->cache);
		if (!m->fold.leg[leg].clean)
			return -ENOMEM;
	}
	m->fold.picks = picks_share(m);
	pick_next(m);
	return 0;
}

/* Allocates the histograms of disturbed records, which most runs do not need. */
static int disturbed_begin(struct measurement *m)
{
	for (int leg = 0; leg < LEGS; leg++) {
		struct leg_histograms *histograms = &m->fold.leg[leg];

		if (!histograms->clean || histograms->disturbed)
			continue;
		histograms->disturbed = histogram_new(m->runner->cache);
		if (!histograms->disturbed)
			return -ENOMEM;
	}
	return 0;
}

void fold_drop(struct measurement *m, enum leg leg)
{
	struct leg_histograms *histograms = &m->fold.leg[leg];

	histogram_done(m->runner->cache, histograms->disturbed);
	histogram_done(m->runner->cache, histograms->clean);
	histograms->clean = histograms->disturbed = NULL;
}

void fold_free(struct measurement *m)
{
	for (int leg = 0; leg < LEGS; leg++)
		fold_drop(m, leg);
}

static int keep_flush(struct measurement *m)
{
	const struct run_sink *sink = m->runner->sink;
	u32 kept = m->fold.kept;

	m->fold.kept = 0;
	return kept ? sink->records(sink->arg, &m->result, m->fold.keep, kept) : 0;
}

static int record_keep(struct measurement *m, const struct record *record)
{
	struct fold *fold = &m->fold;

	fold->keep[fold->kept++] = *record;
	pick_next(m);
	if (fold->kept == sizeof(fold->keep) / sizeof(fold->keep[0]))
		return keep_flush(m);
	return 0;
}

/* Adds the batch's flags to those of hv. Returns the number of disturbed records. */
static u32 flag(struct record *ring, u32 count, u32 flags)
{
	u32 disturbed = 0;

	ring[0].flags |= RECORD_COLD;
	for (u32 i = 0; i < count; i++) {
		ring[i].flags |= flags;
		disturbed += (ring[i].flags & RECORD_DISTURBED) != 0;
	}
	return disturbed;
}

/* A record counts as lost once: at the first leg that it should have and has not. */
static bool lost_before(const struct measurement *m, enum leg leg, const struct record *record)
{
	u64 ticks;

	for (enum leg other = 0; other < leg; other++)
		if (m->fold.leg[other].clean && other != LEG_GUEST_VISIT &&
		    !record_leg(record, NULL, other, &ticks))
			return true;
	return false;
}

/* One leg of all records, so that offsets and histograms are looked up once per batch. */
static void leg_fold(struct measurement *m, enum leg leg, const struct record *ring, u32 count)
{
	const struct leg_histograms *histograms = &m->fold.leg[leg];
	const u8 *from = (const u8 *)ring + record_ends[leg].from;
	const u8 *to = (const u8 *)ring + record_ends[leg].to;

	if (leg == LEG_GUEST_VISIT) { /* ends in the next record: the last record has no such leg */
		to += sizeof(*ring);
		count--;
	}
	if (leg == LEG_FIRST)
		count = 1;
	for (u32 i = 0; i < count; i++, from += sizeof(*ring), to += sizeof(*ring)) {
		u64 began = *(const u64 *)from, ended = *(const u64 *)to;

		if (began && ended >= began) /* as in record_leg */
			histogram_add(ring[i].flags & RECORD_DISTURBED ? histograms->disturbed
								       : histograms->clean,
				      ended - began);
		else if (!lost_before(m, leg, &ring[i]))
			m->result.lost++;
	}
}

static int keep_samples(struct measurement *m, const struct record *ring, u32 count)
{
	int err = 0;

	while (!err && m->fold.pick_at - m->fold.done < count) {
		struct record record = ring[m->fold.pick_at - m->fold.done];

		record.iteration = m->fold.pick_at;
		record.raw_reason = m->result.raw_reason;
		record.vcpu = m->vcpu;
		record.repeat = m->runner->repeat;
		err = record_keep(m, &record);
	}
	return err;
}

int fold_records(struct measurement *m, const struct batch *batch, u32 flags)
{
	struct record *ring = hv_ring(m->runner->vcpu);
	u32 disturbed = flag(ring, batch->operations, flags);
	int err = disturbed ? disturbed_begin(m) : 0;

	if (err)
		return err;
	m->result.disturbed += disturbed;
	for (int leg = 0; leg < LEGS; leg++)
		if (m->fold.leg[leg].clean && leg != LEG_PERIOD && leg != LEG_CONTROL)
			leg_fold(m, leg, ring, batch->operations);
	err = keep_samples(m, ring, batch->operations);
	m->fold.done += batch->operations;
	return err;
}

int fold_control(struct measurement *m, u32 operations, bool clean)
{
	const struct leg_histograms *histograms = &m->fold.leg[LEG_CONTROL];
	const struct record *ring = hv_ring(m->runner->vcpu);
	int err = clean ? 0 : disturbed_begin(m);
	u64 ticks;

	for (u32 i = 0; i < operations && !err; i++)
		if (record_leg(&ring[i], NULL, LEG_ROUND_TRIP, &ticks))
			histogram_add(clean ? histograms->clean : histograms->disturbed, ticks);
	return err;
}

int fold_period(struct measurement *m, const struct batch *batch, bool clean)
{
	const struct leg_histograms *histograms = &m->fold.leg[LEG_PERIOD];
	int err = clean ? 0 : disturbed_begin(m);

	if (clean) {
		m->result.period_ticks += batch->ticks;
		m->result.period_operations += batch->operations;
	}
	if (!err)
		histogram_add(clean ? histograms->clean : histograms->disturbed,
			      (batch->ticks + batch->operations / 2) / batch->operations);
	return err;
}

int fold_end(struct measurement *m)
{
	const struct run_sink *sink = m->runner->sink;
	int err = keep_flush(m);

	for (int leg = 0; leg < LEGS && !err; leg++) {
		struct leg_histograms *histograms = &m->fold.leg[leg];
		struct histogram *all = histograms->disturbed;

		if (!all)
			all = histograms->clean;
		else
			histogram_merge(all, histograms->clean); /* fold_end is called once */
		if (!all || !all->count)
			continue;
		if (sink->takes_both && all == histograms->clean) {
			err = sink->histogram(sink->arg, &m->result, leg, HISTOGRAM_BOTH, all);
			continue;
		}
		err = sink->histogram(sink->arg, &m->result, leg, 0, all);
		if (!err && histograms->clean->count)
			err = sink->histogram(sink->arg, &m->result, leg, 1, histograms->clean);
	}
	return err;
}
