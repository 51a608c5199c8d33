// SPDX-License-Identifier: GPL-2.0-or-later
#include "resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../machine/environment.h"
#include "../machine/sysfs.h"
#include "../plan/plan_json.h"
#include "resume_file.h"
#include "same_machine.h"
#include "session_save.h"

static int no_memory(char *why)
{
	return why_say(why, -ENOMEM, "no memory");
}

/* Whether the machine was booted since: 1, 0, or -1: not known. */
static int rebooted(const json_t *json)
{
	const char *then = resume_file_text(json, "boot");
	char now[64];

	if (!*then || !sysfs_text(now, sizeof(now), ENVIRONMENT_BOOT_ID))
		return -1;
	return strcmp(then, now) != 0;
}

static void note_resumed(struct session *session, int boots)
{
	time_t now = time(NULL);
	char at[32];
	struct tm utc;

	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	compose_add(session->resumed, compose_pack("{s:s, s:o}", "at", at, "rebooted",
						   boots < 0 ? json_null() : json_boolean(boots)));
}

/* The folders of --vary must be folders, not links that lead elsewhere. */
static int check_folder(const char *path, char *why)
{
	struct stat stat;

	if (lstat(path, &stat))
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	return S_ISDIR(stat.st_mode)
		       ? 0
		       : why_say(why, -ENOTDIR, "%s: is not a folder", why_path(path));
}

/* run.json was written with the plan; one that was changed since is not continued. */
static int check_run(const struct variant *variant, enum target_bit bit, const char *path,
		     char *why)
{
	json_t *plan = plan_json(&variant->plan), *settings = settings_json(&variant->plan, bit);
	struct run *run;
	int err = run_open(path, &run, why);

	if (!err) {
		if (!json_equal(run_get(run, "plan"), plan) ||
		    !json_equal(run_get(run, "settings"), settings))
			err = why_say(why, -EBADMSG,
				      "%s: its plan is not that of the interrupted run",
				      why_path(path));
		run_close(run);
	}
	json_decref(plan);
	json_decref(settings);
	return err;
}

static int restore(struct session *session, struct variant *variant, bool durable, char *why)
{
	struct journal_options options;
	struct run_sink sink;
	char path[PATH_MAX];
	int err = session_save_path(session, variant, path)
			  ? check_folder(path, why)
			  : why_say(why, -ENAMETOOLONG, "the path is too long");

	if (!err)
		err = check_run(variant, session->target->bit, path, why);
	if (!err)
		err = session_save_variant(session, variant, why);
	if (err)
		return err;
	options = session_save_journal(session, variant, &sink);
	err = journal_open(path, &options, durable, &variant->journal, &session->before, why);
	if (!err)
		collect_write_to(variant->collect, variant->writer);
	return err;
}

/* The path of the run, without ".partial"; NULL: no memory. */
static char *final_path(const char *path)
{
	size_t length = strlen(path), suffix = strlen(RUN_PARTIAL);

	while (length > 1 && path[length - 1] == '/')
		length--;
	if (length > suffix && !strncmp(path + length - suffix, RUN_PARTIAL, suffix))
		length -= suffix;
	return strndup(path, length);
}

static int take(struct session *session, const char *path, char *why)
{
	char partial[PATH_MAX];

	session->path = final_path(path);
	if (!session->path)
		return no_memory(why);
	if (snprintf(partial, sizeof(partial), "%s" RUN_PARTIAL, session->path) >=
	    (int)sizeof(partial))
		return why_say(why, -ENAMETOOLONG, "%s: the path is too long", why_path(path));
	if (access(partial, F_OK) && !access(session->path, F_OK))
		return why_say(why, -EALREADY,
			       "%s: was not interrupted: there is nothing to continue",
			       why_path(session->path));
	return run_folder_take(&session->folder, session->path, why);
}

int resume_open(struct session *session, const char *path, char *said, char *why)
{
	char about[RUN_WHY];
	json_t *json = NULL;
	int boots = -1, err = take(session, path, why);

	*said = '\0';
	if (err)
		return err;
	err = resume_file_read(session->folder.temporary.path, &json, about);
	if (!err)
		err = resume_file_apply(session, json, about);
	if (!err)
		err = same_machine(session->host, session->anonymous, said, about);
	if (!err) {
		boots = rebooted(json);
		note_resumed(session, boots);
	}
	for (u32 i = 0; i < session->variants && !err; i++)
		err = restore(session, &session->variant[i], boots != 0, about);
	if (!err)
		err = resume_file_write(session, about);
	json_decref(json);
	if (err)
		return why_say(why, err, "%s" RUN_PARTIAL ": %s", why_path(session->path), about);
	if (boots > 0)
		snprintf(said + strlen(said), RUN_WHY - strlen(said), "%sthe machine was rebooted",
			 *said ? "; " : "");
	return 0;
}
