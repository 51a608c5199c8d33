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
#include "same_machine.h"
#include "session_json.h"
#include "session_save.h"
#include "session_turns.h"
#include "stop.h"

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
	/* The journal counts time from it. */
	if (can_measure(session))
		strftime(session->started, sizeof(session->started), "%Y-%m-%dT%H:%M:%SZ",
			 gmtime_r(&now, &utc));
	err = session_save_open(session, why);
	if (err)
		return err;
	if (!can_measure(session)) {
		for (u32 i = 0; i < session->variants; i++)
			expect_all(session, &session->variant[i]);
		return 0;
	}
	identity_random(session->id);
	session->host = machine_host(session->anonymous);
	session->in_turn = in_turn(session);
	session->resumed = json_array();
	return session->host && session->in_turn && session->resumed
		       ? 0
		       : why_say(why, -ENOMEM, "no memory");
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
	u32 max = 0;

	for (u32 i = 0; i < session->storms && !session->target->run_all; i++) {
		u32 vcpus = runner_vcpus(session->storm[i], plan);

		max = vcpus > max ? vcpus : max;
	}
	return max < plan->cpu_count ? max : plan->cpu_count;
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
	err = session_turns(session, why);
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
	json_decref(session->labels);
	free(session->path);
	free(session->variant);
	free(session->storm);
	stop_restore();
}
