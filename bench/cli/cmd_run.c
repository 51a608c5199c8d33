// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm run: measures, and writes a run folder. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/describe/differences.h"
#include "../../analysis/output/units.h"
#include "../machine/clock.h"
#include "../session/budget.h"
#include "../session/until.h"
#include "options.h"
#include "request.h"
#include "runs.h"

#define UNTIL_REPEATS OPTION_TEXT_OF(REQUEST_UNTIL_REPEATS)

static const struct cli_option options[] = {
	REQUEST_TARGET,
	REQUEST_PLAN(OPTION_TEXT_OF(PLAN_SAMPLES)),
	{.name = "cpu",
	 .value = "LIST",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, cpus),
	 .text = "the CPUs that vCPUs are pinned to (0,2-4); default: one thread per core, CPU 0 "
		 "last"},
	{.name = "vary",
	 .value = "KEY=V1,V2,...",
	 .once = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, vary),
	 .complete = COMPLETE_SETTINGS,
	 .text = "one run for each value of a setting; the runs' repeats alternate"},
	{.name = "until",
	 .value = "PERCENT",
	 .kind = OPTION_PERCENT,
	 .at = offsetof(struct request, until),
	 .low = 0.01,
	 .high = 50,
	 .text = "go on until the 95 % interval of each storm is at most +-PERCENT wide (with "
		 "--vary, that of each ratio), or --repeats (default then " UNTIL_REPEATS
		 ") are done"},
	{.name = "time",
	 .value = "SECONDS",
	 .kind = OPTION_SECONDS,
	 .at = offsetof(struct request, time),
	 .text = "take so much time (30, 2m): chooses --exits and --repeats that are not given"},
	{.name = "like",
	 .value = "RUN",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, like),
	 .complete = COMPLETE_FOLDER,
	 .text = "repeat RUN with its plan and settings, and list the differences from it"},
	{.name = "resume",
	 .value = "RUN",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, resume),
	 .complete = COMPLETE_FOLDER,
	 .text = "continue a run that was interrupted, RUN.partial, with its plan and settings; no "
		 "other option but --quiet"},
	{.name = "label",
	 .value = "KEY=VALUE",
	 .kind = OPTION_LIST,
	 .at = offsetof(struct request, label),
	 .text = "a label of the run, for 'exitstorm query'; may be repeated, and is added to "
		 "those of EXITSTORM_LABELS (KEY=VALUE,...)"},
	{.name = "anonymous",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct request, anonymous),
	 .text = "leave out what names host or user: host name, paths in messages, the kernel "
		 "command line"},
	{.letter = 'o',
	 .name = "output",
	 .value = "DIR",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, folder),
	 .complete = COMPLETE_FILE,
	 .text = "the run's folder (with --vary, the folder of the runs); it must not exist"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct request, quiet),
	 .text = "no progress; print only the path of the run"},
	{},
};

static int count_failed(const struct session *session)
{
	int failed = 0;

	for (u32 i = 0; i < session->variants; i++)
		for (u32 storm = 0; storm < session->storms; storm++)
			failed += collect_status(session->variant[i].collect,
						 session->storm[storm]) == STORM_FAILED;
	return failed;
}

/* How --until has ended. */
static void tell_until(const struct session *session, const struct request *request)
{
	const struct storm *storm;
	double widest = until_widest(session, &storm);
	u32 repeats = session->variant[0].plan.repeats;
	char limit[32], half[32];

	if (!(request->until > 0) || !storm)
		return;
	units_plain(limit, sizeof(limit), request->until);
	units_half(half, sizeof(half), widest);
	if (widest > request->until)
		cli_warn("--until %s%%: not reached after %u repeats, which are the limit: %s has "
			 "+-%s %%",
			 limit, repeats, storm->name, half);
	else if (!request->quiet)
		fprintf(stderr,
			"--until %s%%: reached after %u repeats; the widest is %s, +-%s %%\n",
			limit, repeats, storm->name, half);
}

/* A repeat of all storms may take longer than --time. */
static void tell_time(const struct request *request, double seconds)
{
	char limit[32], took[32];

	if (request->time > 0 && seconds > 1.5 * request->time)
		cli_warn("--time %s: two repeats of these storms took %s; -s chooses fewer",
			 units_duration(limit, sizeof(limit), request->time),
			 units_duration(took, sizeof(took), seconds));
}

static int print_runs(const struct session *session, const struct request *request,
		      const struct run *like)
{
	int failed = count_failed(session), status = STATUS_OK;

	for (u32 i = 0; i < session->variants && status == STATUS_OK; i++) {
		if (i && !request->quiet)
			putchar('\n');
		status = runs_print_new(session->variant[i].path, request->quiet);
		request_warn_of_clock(&session->variant[i]);
	}
	if (like && status == STATUS_OK && !request->quiet)
		differences_print(like, session->variant[0].json, stdout);
	if (failed && status == STATUS_OK)
		status = cli_fail("%d storm%s failed; the run has the reason", failed,
				  failed == 1 ? "" : "s");
	return status;
}

static int print_partial(const struct session *session, int err, const char *why)
{
	const char *path = session_partial(session);

	return cli_fail(
		"%s: %u of %u storms are complete in %s; 'exitstorm run --resume' continues "
		"it",
		err == -ECANCELED ? "interrupted" : why, session_complete(session), session->storms,
		why_path(path));
}

static int run_session(struct session *session, const struct request *request,
		       const struct run *like)
{
	double began = clock_seconds();
	char why[RUN_WHY];
	int err;

	session->progress = !request->quiet && isatty(STDERR_FILENO);
	err = request->time > 0
		      ? budget_plan(session, request->time, request->exits != REQUEST_UNSET,
				    request->repeats != REQUEST_UNSET, why)
		      : 0;
	if (!err && !request->resume)
		err = session_open(session, why);
	if (!err)
		err = session_measure(session, why);
	if (err == -ECANCELED && !session_partial(session))
		return cli_fail("interrupted: no run was written");
	if (!err)
		err = session_commit(session, why);
	if (!err) {
		tell_until(session, request);
		tell_time(request, clock_seconds() - began);
		return print_runs(session, request, like);
	}
	return session_partial(session) ? print_partial(session, err, why) : cli_fail("%s", why);
}

static int run(int argc, char **argv)
{
	struct request request = REQUEST_NONE;
	struct session session = {0};
	struct run *like = NULL;
	int status = options_parse(&cmd_run, argc, argv, &request);

	if (status != OPTIONS_PARSED)
		return status;
	status = request.resume ? request_resume(&request, &session)
				: request_session(&request, &session, &like);
	if (status == STATUS_OK)
		status = run_session(&session, &request, like);
	session_close(&session);
	run_close(like);
	return status;
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[OPTION...]",
	.text = "measure, and write a run folder",
	.options = options,
	.operand_hint = "storms are chosen with --storms",
	.run = run,
};
