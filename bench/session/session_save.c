// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../analysis/stats/figures.h"
#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../../results/notice.h"
#include "../machine/clock.h"
#include "resume_file.h"
#include "session_json.h"

#define FIRST_SECONDS 1.0 /* a run that is shorter is not worth a folder to continue from */
#define FIRST_NAME    "EXITSTORM_SAVE"
#define REMOVE_TRIES  3
#define SHARE	      50 /* of the time, for saving */

static int no_memory(char *why)
{
	return why_say(why, -ENOMEM, "no memory");
}

/* Opening */

/* Another process may have begun that run, too: then this one takes the next free name. */
static int check_partial(const char *path, char *why)
{
	char partial[PATH_MAX];
	bool lives;
	int fd;

	if (snprintf(partial, sizeof(partial), "%s" RUN_PARTIAL, path) >= (int)sizeof(partial))
		return 0; /* refused when it is made */
	fd = open(partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	lives = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return lives ? 0
		     : why_say(why, -EEXIST,
			       "%s: is an interrupted run: 'exitstorm run --resume' continues it",
			       why_path(partial));
}

bool session_save_path(const struct session *session, const struct variant *variant,
		       char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s%s%s", session->folder.temporary.path,
			variant->name ? "/" : "", variant->name ? variant->name : "") < PATH_MAX;
}

int session_save_variant(struct session *session, struct variant *variant, char *why)
{
	char path[PATH_MAX];
	int err = 0;

	if (session->path) {
		if (!session_save_path(session, variant, path))
			return why_say(why, -ENAMETOOLONG, "%s: the path is too long",
				       why_path(session->path));
		if (variant->name && mkdir(path, 0777) && errno != EEXIST)
			return why_say(why, -errno, "%s: cannot be made: %s", why_path(path),
				       strerror(errno));
		variant->writer = run_create_in(path);
		run_complete_by(variant->writer, figures_complete);
	}
	if (err)
		return err;
	variant->collect = collect_new(session->target, &variant->plan, NULL);
	return variant->collect ? 0 : no_memory(why);
}

/* UNIX time in ms; 0: not known. */
static s64 began_ms(const struct session *session)
{
	struct tm utc = {0};
	const char *end = strptime(session->started, "%Y-%m-%dT%H:%M:%SZ", &utc);

	return end && !*end ? (s64)timegm(&utc) * 1000 : 0;
}

struct journal_options session_save_journal(struct session *session, const struct variant *variant,
					    struct run_sink *sink)
{
	collect_sink(variant->collect, sink);
	return (struct journal_options){
		.plan = &variant->plan,
		.storm = session->storm,
		.storms = session->storms,
		.writer = variant->writer,
		.sink = sink,
		.by_results = session->target->run_all,
		.began_ms = began_ms(session),
		.unit = session_save_unit,
		.arg = session,
	};
}

static int open_journal(struct session *session, struct variant *variant, char *why)
{
	struct journal_options options;
	struct run_sink sink;
	char path[PATH_MAX];

	if (!variant->writer || session->rounds ||
	    (!session->target->run && !session->target->run_all))
		return 0;
	options = session_save_journal(session, variant, &sink);
	session_save_path(session, variant, path);
	return journal_create(path, &options, &variant->journal, why);
}

int session_save_open(struct session *session, char *why)
{
	int err = session->path ? check_partial(session->path, why) : 0;

	if (!err && session->path)
		err = run_folder_create(&session->folder, session->path, why);
	for (u32 i = 0; i < session->variants && !err; i++) {
		err = session_save_variant(session, &session->variant[i], why);
		if (err)
			break;
		collect_write_to(session->variant[i].collect, session->variant[i].writer);
		err = open_journal(session, &session->variant[i], why);
	}
	return err;
}

/* Saving */

/* A storm that was skipped or has failed needs no further repeats. */
u32 session_save_repeats(const struct variant *variant, const struct storm *storm)
{
	return collect_over(variant->collect, storm) ? variant->plan.repeats
						     : journal_repeats(variant->journal, storm);
}

static json_t *interrupted_json(const struct session *session, const struct variant *variant)
{
	u32 complete = 0, planned = variant->plan.repeats, done = 0;
	time_t now = time(NULL);
	char at[32];
	struct tm utc;

	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	for (u32 i = 0; i < session->storms; i++) {
		u32 repeats = session_save_repeats(variant, session->storm[i]);

		complete += repeats == planned;
		done += repeats;
	}
	return compose_pack("{s:s, s:i, s:i, s:i, s:i}", "at", at, "storms", (int)session->storms,
			    "complete", (int)complete, "repeats", (int)(planned * session->storms),
			    "repeats_done", (int)done);
}

static int save_one(struct session *session, struct variant *variant,
		    const struct journal_time *time, char *why)
{
	json_t *json = session_json_now(session, variant, time);
	int err = 0;

	compose_set(json, "interrupted", interrupted_json(session, variant));
	if (session->anonymous)
		err = anonymous_strip(json, NULL);
	if (err) {
		json_decref(json);
		return no_memory(why);
	}
	err = run_save(variant->writer, json, why);
	if (!err && (err = journal_sync(variant->journal, time)))
		snprintf(why, RUN_WHY, "%s", journal_error(variant->journal));
	return err;
}

static int show(struct session *session, char *why)
{
	char path[PATH_MAX];
	int err = resume_file_write(session, why);

	if (!err)
		err = run_folder_show(&session->folder, why);
	for (u32 i = 0; i < session->variants && !err; i++) {
		struct variant *variant = &session->variant[i];

		if (session_save_path(session, variant, path))
			run_moved(variant->writer, path);
		else
			err = why_say(why, -ENAMETOOLONG, "%s: the path is too long",
				      why_path(session->path));
	}
	return err;
}

int session_save_now(struct session *session, char *why)
{
	struct journal_time time = background_load_time(&session->load, &session->before);
	double began = clock_seconds();
	int err = 0;

	for (u32 i = 0; i < session->variants && !err; i++)
		err = save_one(session, &session->variant[i], &time, why);
	/* A folder that is shown can be continued: it has run.json from the first moment on. */
	if (!err && !session->folder.shown)
		err = show(session, why);
	session->saved = clock_seconds();
	session->save_cost = session->saved - began;
	return err;
}

static double first_seconds(void)
{
	const char *given = getenv(FIRST_NAME);

	return given && *given ? atof(given) : FIRST_SECONDS;
}

int session_save_unit(void *arg)
{
	struct session *session = arg;
	double passed = clock_seconds() - session->saved;

	if (session->folder.shown ? passed < SHARE * session->save_cost : passed < first_seconds())
		return 0;
	return session_save_now(session, session->error);
}

/* The end */

/* Again after a passing error. */
static void remove_note(const char *path)
{
	int failed = 1;

	for (int tries = 0; failed && tries < REMOVE_TRIES; tries++)
		failed = unlink(path) && errno != ENOENT;
	if (failed)
		notice("%s: cannot be removed, and is of no use any more: %s", why_path(path),
		       strerror(errno));
}

static void remove_notes(const struct session *session, const char *folder)
{
	char path[PATH_MAX];

	for (u32 i = 0; i < session->variants; i++) {
		const char *name = session->variant[i].name;

		if (snprintf(path, sizeof(path), "%s/%s%s" JOURNAL_NAME, folder, name ? name : "",
			     name ? "/" : "") < (int)sizeof(path))
			remove_note(path);
	}
	if (snprintf(path, sizeof(path), "%s/" RESUME_NAME, folder) < (int)sizeof(path))
		remove_note(path);
}

/* Where there is no memory, fatal() says that the run is there. */
static void name_run(const struct session *session, struct variant *variant)
{
	free(variant->path);
	variant->path = memory_format("%s%s%s", session->folder.path, variant->name ? "/" : "",
				      variant->name ? variant->name : "");
}

/*
 * Of a folder that is shown the journal goes last, so that a process that is killed in between
 * leaves a run that can be continued, or one that is complete.
 */
int session_save_final(struct session *session, char *why)
{
	bool shown = session->folder.shown;
	int err = 0;

	for (u32 i = 0; i < session->variants && !err; i++) {
		struct variant *variant = &session->variant[i];

		err = run_save(variant->writer, json_incref(variant->json), why);
	}
	if (!err && !shown)
		remove_notes(session, session->folder.temporary.path);
	if (!err)
		err = run_folder_commit(&session->folder, why);
	if (err)
		return err;
	session->folder.shown = false;
	if (shown)
		remove_notes(session, session->folder.path);
	for (u32 i = 0; i < session->variants; i++)
		name_run(session, &session->variant[i]);
	return 0;
}
