// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm import: a run folder from what an image sent over a serial line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../../analysis/show/show.h"
#include "../session/run_path.h"
#include "../session/session.h"
#include "../targets/capture.h"
#include "cli.h"

static const struct option options[] = {
	CLI_HELP,
	{"output", required_argument, NULL, 'o'},
	{"quiet", no_argument, NULL, 'q'},
	{},
};

/* One session of one variant: the capture's plan. */
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

/* When it was measured nobody knows: not after the file was written. */
static void started_at(const char *path, char *text, size_t size)
{
	struct stat file;
	struct tm utc;
	time_t when = stat(path, &file) ? time(NULL) : file.st_mtime;

	strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &utc));
}

/* Takes over nothing; `incomplete` is "" where all came whole. */
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
		   "bochs")) /* it chose none */
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
	const char *folder = NULL;
	struct session session = {0};
	struct capture capture;
	bool quiet = false;
	char why[HV_WHY];
	int option, status = STATUS_OK;

	while ((option = cli_option(&cmd_import, argc, argv, "o:q", options, &status)) != -1) {
		if (option == 'o')
			folder = optarg;
		else if (option == 'q')
			quiet = true;
		else
			return status;
	}
	if (argc - optind != 1)
		return cli_usage(&cmd_import,
				 argc == optind ? "which file?" : "one file at a time");
	if (capture_open(&capture, argv[optind], why))
		return cli_fail("%s: %s", argv[optind], why);
	status = session_of(&session, &capture, folder);
	if (status == STATUS_OK)
		status = import_into(&session, &capture, argv[optind], quiet);
	session_close(&session);
	capture_close(&capture);
	return status;
}

const struct command cmd_import = {
	.name = "import",
	.usage = "FILE [-o DIR] [-q]",
	.text = "make a run of what an image sent over a serial line",
	.help = "  FILE              a capture of the line, from bare metal or an emulator;\n"
		"                    what is not of the image in it is passed over\n"
		"  -o, --output DIR  the run folder\n"
		"  -q, --quiet       print nothing but the folder's path\n"
		"\n"
		"Exits 1 if something of it was lost or damaged on the way: what came whole\n"
		"is kept, the run is marked incomplete, and the storms that were hit have no\n"
		"figures.\n",
	.run = run_import,
};
