// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../../analysis/stats/figures.h"
#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../machine/clock.h"
#include "../machine/environment.h"
#include "background_load.h"
#include "progress.h"
#include "../plan/plan_json.h"
#include "../plan/settings.h"
#include "../machine/version.h"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define STOP_SIGNALS (sizeof(stop_signals) / sizeof(stop_signals[0]))

static struct sigaction saved_action[STOP_SIGNALS]; /* of the caller */
static bool handlers_installed;
static volatile sig_atomic_t stop_requested;

static void request_stop(int signal)
{
	(void)signal;
	stop_requested = 1;
}

/* Kept until all run folders are committed or removed, so that a signal leaves none half made. */
static void stop_handlers_install(void)
{
	struct sigaction action = {.sa_handler = request_stop};

	stop_requested = 0;
	handlers_installed = true;
	for (size_t i = 0; i < STOP_SIGNALS; i++) {
		sigaction(stop_signals[i], NULL, &saved_action[i]);
		/* nohup(1) has the run survive the end of its terminal. */
		if (stop_signals[i] != SIGHUP || saved_action[i].sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &action, NULL);
	}
}

static void stop_handlers_restore(void)
{
	for (size_t i = 0; i < STOP_SIGNALS && handlers_installed; i++)
		sigaction(stop_signals[i], &saved_action[i], NULL);
	handlers_installed = false;
}

static bool stopped(void *arg)
{
	(void)arg;
	return stop_requested;
}

/* The progress of the unit under way: a storm's repeat, or with run_all a whole variant. */
struct meter {
	struct progress *progress;
	u64 operations, total;
	const struct collect *collect; /* run_all only, as is .exits; else NULL */
	u64 exits;		       /* operations per vCPU and repeat */
};

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

int session_open(struct session *session, char *why)
{
	int err;

	/* A target that cannot run, a capture, does not poll for the stop request. */
	if (session->target->run || session->target->run_all)
		stop_handlers_install();
	for (u32 i = 0; i < session->variants; i++) {
		struct variant *variant = &session->variant[i];

		if (variant->path) {
			err = run_create(variant->path, &variant->writer, why);
			if (err)
				return err;
			run_complete_by(variant->writer, figures_complete);
		}
		variant->collect = collect_new(session->target, &variant->plan, variant->writer);
		if (!variant->collect) {
			snprintf(why, RUN_WHY, "no memory");
			return -ENOMEM;
		}
		for (u32 storm = 0; storm < session->storms; storm++)
			collect_expect(variant->collect, session->storm[storm]);
	}
	return 0;
}

static u32 senders(const struct storm *storm, const struct plan *plan)
{
	return runner_senders(storm, runner_vcpus(storm, plan));
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
	collect_sink(variant->collect, &sink);
	meter.total = variant->plan.exits * senders(session->storm[storm], &variant->plan);
	snprintf(text, sizeof(text), "repeat %u of %u, %s", repeat + 1, variant->plan.repeats,
		 session->storm[storm]->name);
	progress_unit(progress, kind, text);
	err = session->target->run(&variant->plan, session->storm[storm], repeat, &sink, &monitor);
	progress_unit_done(progress);
	if (collect_over(variant->collect, session->storm[storm]))
		progress_drop(progress, kind);
	if (err == -ECANCELED || (!err && stop_requested))
		return -ECANCELED;
	if (err)
		snprintf(why, RUN_WHY, "%s: %s", session->storm[storm]->name,
			 collect_error(variant->collect));
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
		struct run_sink sink;

		collect_sink(variant->collect, &sink);
		for (u32 storm = 0; storm < session->storms; storm++)
			meter.total += variant->plan.exits * variant->plan.repeats *
				       senders(session->storm[storm], &variant->plan);
		progress_unit(progress, i, session->target->name);
		err = session->target->run_all(&variant->plan, session->storm, session->storms,
					       &sink, &monitor);
		progress_unit_done(progress);
		if (!err && stop_requested)
			err = -ECANCELED;
		if (err && err != -ECANCELED)
			snprintf(why, RUN_WHY, "%s", collect_error(variant->collect));
	}
	return err;
}

/*
 * The speed of a shared machine drifts. So repeats are interleaved over all storms, and the
 * variants of a storm follow each other directly, in reverse order in every second repeat.
 */
static int measure_in_turn(struct session *session, struct progress *progress, char *why)
{
	u32 variants = session->variants;
	int err;

	for (u32 repeat = 0; repeat < session->variant[0].plan.repeats; repeat++)
		for (u32 storm = 0; storm < session->storms; storm++)
			for (u32 i = 0; i < variants; i++) {
				u32 index = repeat % 2 ? variants - 1 - i : i;

				err = measure_one(session, progress, storm, index, repeat, why);
				if (err)
					return err;
			}
	return 0;
}

json_t *session_json(const struct session *session, const struct variant *variant,
		     const json_t *host, const char *started, double seconds)
{
	json_t *target = session->target->describe(&variant->plan);

	collect_check_clock(variant->collect, target);
	return compose_pack("{s:{s:s, s:s}, s:s, s:f, s:o, s:O, s:o, s:o, s:o, s:o}", "tool",
			    "version", EXITSTORM_VERSION, "commit", EXITSTORM_COMMIT, "started",
			    started, "duration_s", seconds, "target", target, "host", host,
			    "settings", settings_json(&variant->plan, session->target->bit),
			    "controls", collect_controls(variant->collect), "plan",
			    plan_json(&variant->plan), "storms", collect_storms(variant->collect));
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
	json_t *host = environment_host(session->anonymous), *turn = in_turn(session);
	time_t now = time(NULL);
	double began = clock_seconds();
	struct background_load load;
	char started[32];
	struct tm utc;
	int err;

	strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	background_load_begin(&load, session->variant[0].plan.cpu, cpus_of(session));
	err = measure(session, why);
	for (u32 i = 0; i < session->variants && !err; i++) {
		struct variant *variant = &session->variant[i];

		variant->json =
			session_json(session, variant, host, started, clock_seconds() - began);
		compose_set(variant->json, "meanwhile", background_load_json(&load));
		compose_set(variant->json, "in_turn", json_incref(turn));
		environment_add_unread(json_object_get(variant->json, "host"));
		if (session->anonymous)
			err = anonymous_strip(variant->json, NULL);
		if (err)
			snprintf(why, RUN_WHY, "no memory for run.json");
	}
	json_decref(host);
	json_decref(turn);
	return err;
}

int session_commit(struct session *session, char *why)
{
	char fault[RUN_WHY];
	int first = 0;

	/* One that cannot be written is no reason to lose the others. */
	for (u32 i = 0; i < session->variants; i++) {
		struct variant *variant = &session->variant[i];
		struct run_writer *writer = variant->writer;
		int err;

		if (!writer)
			continue;
		variant->writer = NULL;
		err = run_commit(writer, json_incref(variant->json), &variant->path, fault);
		if (err && !first) {
			first = err;
			snprintf(why, RUN_WHY, "%s", fault);
		}
	}
	return first;
}

void session_close(struct session *session)
{
	/* The first has made the folder that all are in: it is removed when it is empty. */
	for (u32 i = session->variants; i-- > 0;) {
		struct variant *variant = &session->variant[i];

		run_abort(variant->writer);
		collect_free(variant->collect);
		json_decref(variant->json);
		free(variant->path);
	}
	free(session->variant);
	free(session->storm);
	stop_handlers_restore();
}
