// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../machine/clock.h"
#include "background_load.h"
#include "progress.h"
#include "same_machine.h"
#include "session_json.h"
#include "session_save.h"
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

static bool can_measure(const struct session *session)
{
	return session->target->run || session->target->run_all;
}

/* Makes the storms part of storms[], even those without a result. */
static void expect_all(struct session *session, struct variant *variant)
{
	for (u32 storm = 0; storm < session->storms; storm++)
		collect_expect(variant->collect, session->storm[storm]);
}

/* A random id that the runs of one --vary share; null if they were not measured in turn. */
static json_t *in_turn(const struct session *session)
{
	char id[17];
	u64 random = 0;

	if (session->variants < 2 || session->target->run_all)
		return json_null();
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (u64)time(NULL) << 32 | (u64)getpid();
	snprintf(id, sizeof(id), "%016llx", (unsigned long long)random);
	return compose_text(id);
}

int session_open(struct session *session, char *why)
{
	time_t now = time(NULL);
	struct tm utc;
	int err;

	/* A target that cannot run, a capture, does not poll for the stop request. */
	if (can_measure(session))
		stop_install();
	err = session_save_open(session, why);
	if (err)
		return err;
	if (!can_measure(session)) {
		for (u32 i = 0; i < session->variants; i++)
			expect_all(session, &session->variant[i]);
		return 0;
	}
	strftime(session->started, sizeof(session->started), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &utc));
	session->host = machine_host(session->anonymous);
	session->in_turn = in_turn(session);
	session->resumed = json_array();
	return session->host && session->in_turn && session->resumed
		       ? 0
		       : why_say(why, -ENOMEM, "no memory");
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
	snprintf(text, sizeof(text), "repeat %u of %u, %s", repeat + 1, variant->plan.repeats,
		 session->storm[storm]->name);
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

/*
 * The speed of a shared machine drifts. So repeats are interleaved over all storms, and the
 * variants of a storm follow each other directly, in reverse order in every second repeat.
 */
static int measure_in_turn(struct session *session, struct progress *progress, char *why)
{
	u32 variants = session->variants;
	const struct storm *widest;
	int err;

	for (u32 repeat = 0; repeat < session->variant[0].plan.repeats; repeat++) {
		for (u32 storm = 0; storm < session->storms; storm++)
			for (u32 i = 0; i < variants; i++) {
				u32 index = repeat % 2 ? variants - 1 - i : i;

				err = measure_one(session, progress, storm, index, repeat, why);
				if (err)
					return err;
			}
		if (session->until > 0 && until_widest(session, &widest) <= session->until)
			end_after(session, repeat + 1);
	}
	return 0;
}

static int measure(struct session *session, char *why)
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

/* The run.json of what is complete. */
static int final_json(struct session *session, char *why)
{
	struct journal_time time = background_load_time(&session->load, &session->before);

	for (u32 i = 0; i < session->variants; i++) {
		struct variant *variant = &session->variant[i];

		expect_all(session, variant);
		variant->json = session_json_now(session, variant, &time);
		if (!variant->json || (session->anonymous && anonymous_strip(variant->json, NULL)))
			return why_say(why, -ENOMEM, "no memory for run.json");
	}
	return 0;
}

/* Keeps the units that are finished, if there is one. */
static int keep(struct session *session, char *why)
{
	u64 units = 0;

	for (u32 i = 0; i < session->variants; i++) {
		if (!session->variant[i].journal)
			return 0;
		journal_drop(session->variant[i].journal);
		units += journal_units(session->variant[i].journal);
	}
	return units ? session_save_now(session, why) : 0;
}

/* CPUs at the head of plan.cpu that vCPUs are pinned to; 0: the target pins none. */
static size_t cpus_of(const struct session *session)
{
	const struct plan *plan = &session->variant[0].plan;
	u32 most = 0;

	for (u32 i = 0; i < session->storms && !session->target->run_all; i++) {
		u32 vcpus = runner_vcpus(session->storm[i], plan);

		most = vcpus > most ? vcpus : most;
	}
	return most < plan->cpu_count ? most : plan->cpu_count;
}

int session_measure(struct session *session, char *why)
{
	char fault[RUN_WHY];
	int err;

	if (can_measure(session))
		stop_install(); /* unless session_open() has */
	/* The first save may be due after a second of this process. */
	session->saved = clock_seconds();
	background_load_begin(&session->load, session->variant[0].plan.cpu, cpus_of(session));
	err = measure(session, why);
	if (!err)
		return final_json(session, why);
	/* Where saving fails too, the reason is most likely the same. */
	if (keep(session, fault) && err == -ECANCELED)
		return why_say(why, -EIO, "%s", fault);
	return err;
}

const char *session_partial(const struct session *session)
{
	return session->folder.shown ? session->folder.temporary.path : NULL;
}

u32 session_complete(const struct session *session)
{
	u32 complete = 0;

	for (u32 storm = 0; storm < session->storms; storm++) {
		bool all = true;

		for (u32 i = 0; i < session->variants; i++) {
			const struct variant *variant = &session->variant[i];

			all &= session_save_repeats(variant, session->storm[storm]) ==
			       variant->plan.repeats;
		}
		complete += all;
	}
	return complete;
}

int session_commit(struct session *session, char *why)
{
	return session->path ? session_save_final(session, why) : 0;
}

void session_close(struct session *session)
{
	/* The first has made the folder that all are in: it is removed when it is empty. */
	for (u32 i = session->variants; i-- > 0;) {
		struct variant *variant = &session->variant[i];

		journal_close(variant->journal);
		run_abort(variant->writer);
		collect_free(variant->collect);
		json_decref(variant->json);
		free(variant->path);
		free(variant->name);
	}
	if (session->folder.path)
		run_folder_remove(&session->folder);
	run_folder_free(&session->folder);
	json_decref(session->host);
	json_decref(session->in_turn);
	json_decref(session->resumed);
	free(session->path);
	free(session->variant);
	free(session->storm);
	stop_restore();
}
