// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_turns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../machine/clock.h"
#include "progress.h"
#include "stop.h"
#include "until.h"

/* The progress of the unit under way: a storm's repeat, or with run_all a whole variant. */
struct meter {
	struct progress *progress;
	u64 operations, total;
	const struct collect *collect; /* run_all only, as is .exits; else NULL */
	u64 exits;		       /* operations per vCPU and repeat */
};

static bool stopped(void *arg)
{
	(void)arg;
	return stop_is_requested();
}

static void show_progress(void *arg, u64 operations)
{
	struct meter *meter = arg;
	u64 done;

	meter->operations += operations;
	done = meter->operations;
	/* A storm that was skipped reports a result and no operations. */
	if (meter->collect && collect_results(meter->collect) * meter->exits > done)
		done = collect_results(meter->collect) * meter->exits;
	progress_part(meter->progress, done < meter->total ? (double)done / meter->total : 1);
}

static struct run_monitor monitor_of(struct meter *meter)
{
	return (struct run_monitor){.progress = show_progress, .stopped = stopped, .arg = meter};
}

static u32 senders(const struct storm *storm, const struct plan *plan)
{
	return runner_senders(storm, runner_vcpus(storm, plan));
}

/* A target reports through the journal, if the run has one. */
static void sink_of(const struct variant *variant, struct run_sink *sink)
{
	if (variant->journal)
		journal_sink(variant->journal, sink);
	else
		collect_sink(variant->collect, sink);
}

/* The reason of an error that a sink's function has returned. */
static const char *error_of(const struct session *session, const struct variant *variant)
{
	if (*session->error)
		return session->error;
	if (variant->journal && *journal_error(variant->journal))
		return journal_error(variant->journal);
	return collect_error(variant->collect);
}

static int measure_one(struct session *session, struct progress *progress, u32 storm, u32 index,
		       u32 repeat, char *why)
{
	struct variant *variant = &session->variant[index];
	u32 kind = storm * session->variants + index;
	struct meter meter = {.progress = progress};
	struct run_monitor monitor = monitor_of(&meter);
	struct run_sink sink;
	char text[128];
	int err;

	if (collect_over(variant->collect, session->storm[storm]))
		return 0;
	if (variant->journal && journal_has(variant->journal, session->storm[storm], repeat)) {
		progress_skip(progress, kind);
		return 0;
	}
	sink_of(variant, &sink);
	meter.total = variant->plan.exits * senders(session->storm[storm], &variant->plan);
	snprintf(text, sizeof(text), "repeat %u of %s%u, %s", repeat + 1,
		 session->time > 0 || session->rounds || session->until > 0 ? "at most " : "",
		 variant->plan.repeats, session->storm[storm]->name);
	progress_unit(progress, kind, text);
	err = session->target->run(&variant->plan, session->storm[storm], repeat, &sink, &monitor);
	progress_unit_done(progress);
	if (err == -ECANCELED || (!err && stop_is_requested()))
		return -ECANCELED;
	if (!err && variant->journal)
		err = journal_unit(variant->journal, session->storm[storm], repeat);
	if (collect_over(variant->collect, session->storm[storm]))
		progress_drop(progress, kind);
	if (err && err != -ECANCELED)
		snprintf(why, RUN_WHY, "%s: %.400s", session->storm[storm]->name,
			 error_of(session, variant));
	return err;
}

/* The storms that have `first` repeats and need more. */
static u32 storms_at(const struct session *session, const struct variant *variant, u32 first,
		     const struct storm **storm)
{
	u32 count = 0;

	for (u32 i = 0; i < session->storms; i++) {
		const struct storm *one = session->storm[i];
		u32 repeats = variant->journal ? journal_repeats(variant->journal, one) : 0;

		if (repeats == first && !collect_over(variant->collect, one))
			storm[count++] = one;
	}
	return count;
}

static int measure_variant(struct session *session, struct variant *variant,
			   const struct run_monitor *monitor)
{
	const struct storm **storm = calloc(session->storms + 1, sizeof(*storm));
	struct run_sink sink;
	int err = storm ? 0 : -ENOMEM;

	sink_of(variant, &sink);
	/* From the end, as a storm has more of them after its turn. */
	for (u32 first = variant->plan.repeats; first-- && !err;) {
		u32 count = storms_at(session, variant, first, storm);

		if (count)
			err = session->target->run_all(&variant->plan, storm, count, first, &sink,
						       monitor);
		if (!err && stop_is_requested())
			err = -ECANCELED;
	}
	free(storm);
	return err;
}

/* Variant by variant: the clock of such a target counts instructions and does not drift. */
static int measure_together(struct session *session, struct progress *progress, char *why)
{
	int err = 0;

	for (u32 i = 0; i < session->variants && !err; i++) {
		struct variant *variant = &session->variant[i];
		struct meter meter = {
			.progress = progress,
			.collect = variant->collect,
			.exits = variant->plan.exits,
		};
		struct run_monitor monitor = monitor_of(&meter);

		for (u32 storm = 0; storm < session->storms; storm++)
			meter.total += variant->plan.exits * variant->plan.repeats *
				       senders(session->storm[storm], &variant->plan);
		progress_unit(progress, i, session->target->name);
		err = measure_variant(session, variant, &monitor);
		progress_unit_done(progress);
		if (err && err != -ECANCELED)
			snprintf(why, RUN_WHY, "%s", error_of(session, variant));
	}
	return err;
}

/* The plan of the run is what was done. */
static void end_after(struct session *session, u32 repeats)
{
	for (u32 i = 0; i < session->variants; i++)
		session->variant[i].plan.repeats = repeats;
}

/* In reverse order in every second repeat. */
static u32 in_order(const struct session *session, u32 repeat, u32 i)
{
	return repeat % 2 ? session->variants - 1 - i : i;
}

/* The variants of a storm follow each other directly. */
static int measure_storms(struct session *session, struct progress *progress, u32 repeat, char *why)
{
	int err = 0;

	for (u32 storm = 0; !err && storm < session->storms; storm++)
		for (u32 i = 0; !err && i < session->variants; i++)
			err = measure_one(session, progress, storm, in_order(session, repeat, i),
					  repeat, why);
	return err;
}

/* All storms of a variant follow each other, as a command switches the machine between variants. */
static int measure_sides(struct session *session, struct progress *progress, u32 repeat, char *why)
{
	const struct session_rounds *rounds = session->rounds;
	int err = 0;

	for (u32 i = 0; !err && i < session->variants; i++) {
		u32 index = in_order(session, repeat, i);

		err = rounds->begin(rounds->arg, index, repeat, why);
		for (u32 storm = 0; !err && storm < session->storms; storm++)
			err = measure_one(session, progress, storm, index, repeat, why);
	}
	return err;
}

/* The next repeat would end after the time. */
static bool time_is_over(const struct session *session, double passed, u32 repeats)
{
	return session->time > 0 && repeats >= SESSION_MIN_REPEATS &&
	       passed + passed / repeats > session->time;
}

static bool is_enough(const struct session *session, double passed, u32 repeats)
{
	const struct session_rounds *rounds = session->rounds;
	const struct storm *widest;

	if (rounds)
		return rounds->enough(rounds->arg, session, repeats);
	if (time_is_over(session, passed, repeats))
		return true;
	return session->until > 0 && until_widest(session, &widest) <= session->until;
}

/*
 * The speed of a shared machine drifts. So repeats are interleaved over all storms and
 * variants.
 */
static int measure_in_turn(struct session *session, struct progress *progress, char *why)
{
	const struct session_rounds *rounds = session->rounds;
	double began = clock_seconds();
	int err = 0;

	if (session->time > 0)
		progress_ends(progress, began + session->time);
	for (u32 repeat = 0; !err && repeat < session->variant[0].plan.repeats; repeat++) {
		err = rounds ? measure_sides(session, progress, repeat, why)
			     : measure_storms(session, progress, repeat, why);
		if (!err && is_enough(session, clock_seconds() - began, repeat + 1))
			end_after(session, repeat + 1);
	}
	return err;
}

int session_turns(struct session *session, char *why)
{
	bool together = session->target->run_all;
	struct progress progress;
	int err;

	err = progress_begin(&progress, session->progress,
			     together ? session->variants : session->storms * session->variants,
			     together ? 1 : session->variant[0].plan.repeats);
	if (err)
		snprintf(why, RUN_WHY, "no memory");
	if (!err)
		err = together ? measure_together(session, &progress, why)
			       : measure_in_turn(session, &progress, why);
	progress_end(&progress);
	return err;
}
