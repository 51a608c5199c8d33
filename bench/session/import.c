// SPDX-License-Identifier: GPL-2.0-or-later
#include "import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../targets/capture.h"
#include "run_path.h"
#include "session.h"
#include "session_json.h"

/* A session of one variant with the plan that the capture holds. */
static void session_of(struct session *session, const struct capture *capture, const char *folder)
{
	struct variant *variant = memory_new(1, sizeof(*variant));

	*session = (struct session){.target = &target_capture, .variant = variant};
	session->storm = memory_new(storm_count, sizeof(*session->storm));
	session->variants = 1;
	variant->plan = capture->plan.plan;
	session->path = folder ? memory_text(folder) : run_path("import", true);
	for (u32 i = 0; i < storm_count; i++)
		if (capture->storm[i])
			session->storm[session->storms++] = &storms[i];
}

/* The image has no clock of the day; the time of the file is the latest that it can have been. */
static void started_at(const char *path, char *text, size_t size)
{
	struct stat file;
	struct tm utc;
	time_t when = stat(path, &file) ? time(NULL) : file.st_mtime;

	strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &utc));
}

/* run.json, a new reference. `incomplete`: why frames are missing, or "". */
static json_t *json_of(const struct session *session, const struct capture *capture,
		       const char *path, const char *incomplete)
{
	const struct variant *variant = &session->variant[0];
	const char *slash = strrchr(path, '/');
	json_t *host = capture_host(capture), *json;
	char started[32];

	started_at(path, started, sizeof(started));
	json = session_json(session, variant, host, started, 0);
	json_decref(host);
	compose_set(json, "imported", compose_text(slash ? slash + 1 : path));
	if (*incomplete)
		compose_set(json, "incomplete", compose_text(incomplete));
	if (strcmp(json_string_value(json_object_get(json_object_get(json, "target"), "name")),
		   "bochs")) /* only Bochs has models to choose from */
		json_object_del(json_object_get(json, "settings"), "model");
	return json;
}

static int import_session(struct session *session, const struct capture *capture, const char *file,
			  char *incomplete, char *why)
{
	struct variant *variant = &session->variant[0];
	struct run_sink sink;
	int err = identity_of_file(file, session->id);

	if (err)
		return why_say(why, err, "%s: %s", why_path(file), strerror(-err));
	err = session_open(session, why);
	if (err)
		return err;
	collect_sink(variant->collect, &sink);
	err = capture_decode(capture, &sink, incomplete);
	if (err && err != -EBADMSG)
		return why_say(why, err, "%s", collect_error(variant->collect));
	variant->json = json_of(session, capture, file, incomplete);
	return session_commit(session, why);
}

int import_capture(const char *file, char **folder, char *incomplete, char *why)
{
	struct session session = {0};
	struct capture capture;
	char fault[HV_WHY];
	int err = capture_open(&capture, file, fault);

	*incomplete = '\0';
	if (err)
		return why_say(why, err, "%s: %s", why_path(file), fault);
	session_of(&session, &capture, *folder);
	err = import_session(&session, &capture, file, incomplete, why);
	if (!err) {
		free(*folder);
		*folder = session.variant[0].path;
		session.variant[0].path = NULL;
	}
	session_close(&session);
	capture_close(&capture);
	return err;
}
