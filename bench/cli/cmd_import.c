// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm import: a run folder from the bytes that an image sent over its serial line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../analysis/show/show.h"
#include "../session/run_path.h"
#include "../session/session.h"
#include "../targets/capture.h"
#include "options.h"

struct import_options {
	const char *folder;
	bool quiet;
};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "FILE",
	 .min = 1,
	 .max = 1,
	 .complete = COMPLETE_FILE,
	 .text = "a capture of the serial line, from bare metal or an emulator; bytes that are "
		 "not the image's are skipped"},
	{.letter = 'o',
	 .name = "output",
	 .value = "DIR",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct import_options, folder),
	 .complete = COMPLETE_FILE,
	 .text = "the folder of the run; it must not exist"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct import_options, quiet),
	 .text = "print only the path of the run"},
	{},
};

/* A session of one variant with the plan that the capture holds. */
static int session_of(struct session *session, const struct capture *capture, const char *folder)
{
	struct variant *variant = calloc(1, sizeof(*variant));

	*session = (struct session){.target = &target_capture, .variant = variant};
	session->storm = calloc(storm_count, sizeof(*session->storm));
	if (!variant || !session->storm)
		return cli_fail("no memory");
	session->variants = 1;
	variant->plan = capture->plan.plan;
	variant->path = folder ? strdup(folder) : run_path("import", true);
	if (!variant->path)
		return cli_fail("no memory");
	for (u32 i = 0; i < storm_count; i++)
		if (capture->storm[i])
			session->storm[session->storms++] = &storms[i];
	return STATUS_OK;
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
	json_object_set_new(json, "imported", json_string(slash ? slash + 1 : path));
	if (*incomplete)
		json_object_set_new(json, "incomplete", json_string(incomplete));
	if (strcmp(json_string_value(json_object_get(json_object_get(json, "target"), "name")),
		   "bochs")) /* only Bochs has models to choose from */
		json_object_del(json_object_get(json, "settings"), "model");
	return json;
}

static int print_run(const char *path, bool quiet)
{
	char why[RUN_WHY];
	struct run *run;
	int err;

	if (quiet) {
		printf("%s\n", path);
		return STATUS_OK;
	}
	if (run_open(path, &run, why))
		return cli_fail("%s: %s", path, why);
	err = show_print(run, stdout, TABLE_TEXT, cli_width());
	run_close(run);
	if (err)
		return cli_fail("no memory");
	printf("\nThe run is in %s\n", path);
	return STATUS_OK;
}

static int import_into(struct session *session, const struct capture *capture, const char *path,
		       bool quiet)
{
	struct run_sink sink;
	struct variant *variant = &session->variant[0];
	char why[RUN_WHY], incomplete[RUN_WHY] = "";
	int status, err = session_open(session, why);

	if (err)
		return cli_fail("%s", why);
	collect_sink(variant->collect, &sink);
	err = capture_decode(capture, &sink, incomplete);
	if (err && err != -EBADMSG)
		return cli_fail("%s", collect_error(variant->collect));
	variant->json = json_of(session, capture, path, incomplete);
	if (!variant->json)
		return cli_fail("no memory");
	err = session_commit(session, why);
	if (err)
		return cli_fail("%s", why);
	status = print_run(variant->path, quiet);
	if (*incomplete && status == STATUS_OK)
		status = cli_fail("%s: incomplete: %s", path, incomplete);
	return status;
}

static int run_import(int argc, char **argv)
{
	struct import_options chosen = {0};
	int status = options_parse(&cmd_import, argc, argv, &chosen);
	const char *file = argv[optind];
	struct session session = {0};
	struct capture capture;
	char why[HV_WHY];

	if (status != OPTIONS_PARSED)
		return status;
	if (capture_open(&capture, file, why))
		return cli_fail("%s: %s", file, why);
	status = session_of(&session, &capture, chosen.folder);
	if (status == STATUS_OK)
		status = import_into(&session, &capture, file, chosen.quiet);
	session_close(&session);
	capture_close(&capture);
	return status;
}

const struct command cmd_import = {
	.name = "import",
	.usage = "FILE [OPTION...]",
	.text = "make a run from the serial output of an image",
	.options = options,
	.notes =
		"If frames were lost or damaged on the line, the intact ones are kept, the run is\n"
		"marked incomplete, the storms concerned have no figures, and the status is 1.\n",
	.run = run_import,
};
