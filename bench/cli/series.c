// SPDX-License-Identifier: GPL-2.0-or-later
#include "series.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../machine/clock.h"
#include "../session/budget.h"

static int measure_session(struct session *session)
{
	char why[RUN_WHY];
	int err = session_open(session, why);

	if (!err)
		err = session_measure(session, why);
	if (!err)
		err = session_commit(session, why);
	if (err == -ECANCELED)
		return cli_fail("interrupted");
	return err ? cli_fail("%s", why) : STATUS_OK;
}

static int open_session(const struct request *request, struct session *session)
{
	struct run *like = NULL;
	int status = request_session(request, session, &like);

	run_close(like);
	return status;
}

/* Sets exits and repeats of all runs by a run that is not kept. */
static int choose(struct request *request, const struct series *series)
{
	double each = series->seconds / series->runs;
	struct session session = {0};
	char why[RUN_WHY];
	int status = open_session(request, &session), err = 0;

	if (status == STATUS_OK)
		err = budget_plan(&session, each, request->exits != REQUEST_UNSET,
				  request->repeats != REQUEST_UNSET, why);
	if (err)
		status = cli_fail("%s", err == -ECANCELED ? "interrupted" : why);
	if (status == STATUS_OK) {
		request->exits = session.variant[0].plan.exits;
		request->repeats = budget_repeats(&session.variant[0].plan);
	}
	session_close(&session);
	return status;
}

static int measure_run(const struct request *request, const char *folder, u32 number)
{
	struct request own = *request;
	struct session session = {0};
	char path[PATH_MAX];
	int status;

	if (snprintf(path, sizeof(path), "%s/%02u", folder, number) >= (int)sizeof(path))
		return cli_fail("%s: the path is too long", why_path(folder));
	own.folder = path;
	status = open_session(&own, &session);
	if (status == STATUS_OK)
		status = measure_session(&session);
	session_close(&session);
	return status;
}

int series_measure(const struct request *request, const char *folder, const struct series *series)
{
	struct request own = *request;
	bool shown = !request->quiet && isatty(STDERR_FILENO);
	double began = clock_seconds(), passed = 0;
	int status = series->choose ? choose(&own, series) : STATUS_OK;

	for (u32 i = 1; i <= series->runs && status == STATUS_OK; i++) {
		if (shown)
			fprintf(stderr, "\r\033[Krun %u of %s%u", i,
				series->seconds > 0 ? "at most " : "", series->runs);
		status = measure_run(&own, folder, i);
		passed = clock_seconds() - began;
		if (series->seconds > 0 && i >= SERIES_MIN && passed + passed / i > series->seconds)
			break;
	}
	if (shown)
		fputs("\r\033[K", stderr);
	return status;
}
