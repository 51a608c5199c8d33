// SPDX-License-Identifier: GPL-2.0-or-later
/* From a ring of records to histograms and samples, in constant memory. */
#include "measure.h"

#include "../hv/host.h"

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static u64 splitmix64(u64 state)
{
	state += 0x9e3779b97f4a7c15ULL;
	state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ULL;
	state = (state ^ state >> 27) * 0x94d049bb133111ebULL;
	return state ^ state >> 31;
}

/* Where stratum number `pick` of `picks` begins, of `total` records. No overflow to 10^12 * 10^8.
 */
static u64 stratum(u64 pick, u64 picks, u64 total)
{
	return total / picks * pick + total % picks * pick / picks;
}

/* One record at random from each of as many equal strata as samples are to be kept. */
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

/* This vCPU's and repeat's part of the samples that the plan wants of the whole storm. */
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

/* histogram_reset of memory that is zeroed already. */
static struct histogram *histogram_new(void)
{
	struct histogram *histogram = host_alloc(sizeof(*histogram));

	if (histogram)
		histogram->min = ~0ULL;
	return histogram;
}

int fold_begin(struct measurement *m)
{
	const struct runner *runner = m->runner;

	for (int leg = 0; leg < LEGS; leg++) {
		struct leg_histograms *histograms = &m->fold.leg[leg];

		if (!runner_has_leg(runner->storm, runner->plan, m->every_exit, leg))
			continue;
		histograms->disturbed = histogram_new();
		histograms->clean = histogram_new();
		if (!histograms->disturbed || !histograms->clean)
			return -ENOMEM;
	}
	m->fold.picks = picks_share(m);
	pick_next(m);
	return 0;
}

void fold_drop(struct measurement *m, enum leg leg)
{
	struct leg_histograms *histograms = &m->fold.leg[leg];

	if (histograms->disturbed)
		host_free(histograms->disturbed, sizeof(struct histogram));
	if (histograms->clean)
		host_free(histograms->clean, sizeof(struct histogram));
	histograms->clean = histograms->disturbed = NULL;
}

void fold_free(struct measurement *m)
{
	for (int leg = 0; leg < LEGS; leg++)
		fold_drop(m, leg);
}

static void leg_add(struct leg_histograms *histograms, u64 ticks, bool clean)
{
	histogram_add(clean ? histograms->clean : histograms->disturbed, ticks);
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

/* False: a leg that this record must have is not there. */
static bool record_fold(struct measurement *m, const struct record *record,
			const struct record *next, bool clean)
{
	bool whole = true;
	u64 ticks;

	for (int leg = 0; leg < LEGS; leg++) {
		struct leg_histograms *histograms = &m->fold.leg[leg];

		if (!histograms->disturbed || leg == LEG_PERIOD)
			continue;
		if (record_leg(record, next, leg, &ticks))
			leg_add(histograms, ticks, clean);
		else if (leg != LEG_GUEST_VISIT || next)
			whole = false;
	}
	return whole;
}

int fold_records(struct measurement *m, const struct batch *batch, u32 flags)
{
	const struct record *ring = hv_ring(m->runner->vcpu);

	for (u32 i = 0; i < batch->operations; i++) {
		const struct record *next = i + 1 < batch->operations ? &ring[i + 1] : NULL;
		/* What hv knows of this one record, and what is known only of the batch. */
		u32 own_flags = ring[i].flags | flags | (i ? 0 : RECORD_COLD);
		bool clean = !(own_flags & RECORD_DISTURBED);

		m->result.disturbed += !clean;
		if (!record_fold(m, &ring[i], next, clean))
			m->result.lost++;
		if (m->fold.done == m->fold.pick_at) {
			struct record record = ring[i];
			int err;

			record.iteration = m->fold.done;
			record.raw_reason = m->result.raw_reason;
			record.vcpu = m->vcpu;
			record.repeat = m->runner->repeat;
			record.flags = own_flags;
			err = record_keep(m, &record);
			if (err)
				return err;
		}
		m->fold.done++;
	}
	return 0;
}

void fold_period(struct measurement *m, const struct batch *batch, bool clean)
{
	leg_add(&m->fold.leg[LEG_PERIOD],
		(batch->ticks + batch->operations / 2) / batch->operations, clean);
}

int fold_end(struct measurement *m)
{
	const struct run_sink *sink = m->runner->sink;
	int err = keep_flush(m);

	for (int leg = 0; leg < LEGS && !err; leg++) {
		struct leg_histograms *histograms = &m->fold.leg[leg];
		struct histogram *all = histograms->disturbed;

		if (!all)
			continue;
		histogram_merge(all, histograms->clean); /* once, so that a record is added once */
		if (!all->count)
			continue;
		err = sink->histogram(sink->arg, &m->result, leg, 0, all);
		if (!err && histograms->clean->count)
			err = sink->histogram(sink->arg, &m->result, leg, 1, histograms->clean);
	}
	return err;
}
