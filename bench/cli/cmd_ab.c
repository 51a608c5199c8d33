// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm ab: two states of the machine, each set by a command, in turn. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/compare/text.h"
#include "../../results/memory.h"
#include "../session/run_path.h"
#include "ab.h"
#include "fail_above.h"
#include "inputs.h"

#define AA_ROUNDS   20
#define MAX_ROUNDS  100 /* the default */
#define ROUNDS_TEXT OPTION_TEXT_OF(MAX_ROUNDS)

struct ab_options {
	const char *a, *b, *undo;
	u64 max_rounds;
	double max_time, margin; /* margin: percent */
	struct fail_above fail_above;
	bool aa;
};

static const struct cli_option options[] = {
	{.name = "a",
	 .value = "COMMAND",
	 .once = true,
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct ab_options, a),
	 .text = "what /bin/sh runs before each repeat of A, as 'modprobe kvm_amd avic=0'"},
	{.name = "b",
	 .value = "COMMAND",
	 .once = true,
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct ab_options, b),
	 .text = "the same for B"},
	{.name = "undo",
	 .value = "COMMAND",
	 .once = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct ab_options, undo),
	 .text = "what is run at the end, however it comes: also after Ctrl-C, SIGTERM and kill "
		 "-9"},
	{.name = "aa",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct ab_options, aa),
	 .text = "first measure A against A: which differences this machine can tell apart"},
	{.name = "max-rounds",
	 .value = "N",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct ab_options, max_rounds),
	 .min = 2,
	 .max = PLAN_MAX_REPEATS,
	 .text = "end after so many rounds of A and B (default " ROUNDS_TEXT
		 "), or when every storm is decided"},
	{.name = "max-time",
	 .value = "SECONDS",
	 .kind = OPTION_SECONDS,
	 .at = offsetof(struct ab_options, max_time),
	 .text = "end before so much time has passed (90, 3m)"},
	{.name = "margin",
	 .value = "PERCENT",
	 .kind = OPTION_PERCENT,
	 .at = offsetof(struct ab_options, margin),
	 .low = 0.001,
	 .high = 50,
	 .text = "the difference within which A and B are 'same' " OPTION_DEFAULT(
		 COMPARE_MARGIN_PERCENT)},
	FAIL_ABOVE_ROWS(struct ab_options, fail_above),
	{},
};

/* Options of run that make no sense here. */
static int check_request(const struct request *request)
{
	const struct {
		bool given;
		const char *name, *instead;
	} refused[] = {
		{request->vary, "vary", "A and B are what varies"},
		{request->resume, "resume", "such runs cannot be continued"},
		{request->until > 0, "until", "--max-rounds and --max-time limit the rounds"},
		{request->time > 0, "time", "--max-time limits the rounds"},
		{request->repeats != REQUEST_UNSET, "repeats", "--max-rounds limits the rounds"},
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (refused[i].given)
			return cli_usage("--%s of run cannot be given: %s", refused[i].name,
					 refused[i].instead);
	return STATUS_OK;
}

static int parse(int argc, char **argv, struct ab_options *chosen, struct request *request)
{
	int status = options_parse_both(&cmd_ab, argc, argv, chosen, &cmd_run, request);

	if (status != OPTIONS_PARSED)
		return status;
	status = fail_above_check(&chosen->fail_above);
	if (status == STATUS_OK)
		status = check_request(request);
	return status == STATUS_OK ? OPTIONS_PARSED : status;
}

/* A session for the folder `path`, or if NULL one with a name of its own. */
static int open_session(const struct request *request, const char *path, struct session *session)
{
	struct request own = *request;
	struct run *like = NULL;
	int status;

	own.folder = path;
	status = request_session(&own, session, &like);
	run_close(like);
	if (status == STATUS_OK && session->target->run_all)
		status = cli_usage("target %s measures all repeats together: nothing can be "
				   "switched between them",
				   session->target->name);
	session->progress = !request->quiet && isatty(STDERR_FILENO);
	return status;
}

static int commit(struct ab *ab, struct session *session, const struct guardian_step *undone)
{
	char why[RUN_WHY];
	int status = ab_record(ab, session, undone);

	if (status == STATUS_OK && session_commit(session, why))
		status = cli_fail("%s", why);
	return status;
}

/* The runs of A against A lie beside those of A and B. */
static int measure_equal(struct ab *ab, const struct request *request, const char *path)
{
	static const char *const names[2] = {"a1", "a2"};
	struct ab equal = *ab;
	struct session session = {0};
	char *folder = memory_format("%s-aa", path);
	bool stopped;
	int status;

	equal.equal = true;
	if (equal.max_rounds > AA_ROUNDS)
		equal.max_rounds = AA_ROUNDS;
	equal.max_time /= 4;
	status = open_session(request, folder, &session);
	if (status == STATUS_OK)
		status = ab_measure(&equal, &session, names, &stopped);
	if (status == STATUS_OK)
		status = commit(&equal, &session, NULL);
	equal.max_rounds = ab->max_rounds;
	if (status == STATUS_OK)
		status = ab_print_equal(&equal, &session);
	session_close(&session);
	ab_free(&equal);
	free(folder);
	return status;
}

/* STATUS_FAILED after a message: the state of before is not restored. */
static int undo(struct ab *ab, bool stopped, struct guardian_step *undone)
{
	int err = guardian_end(&ab->guardian, undone);

	if (err == -ENOENT)
		return STATUS_OK;
	if (err)
		return cli_fail("--undo could not be run: %s", strerror(-err));
	if (undone->status)
		return cli_fail("--undo: '%.100s' has failed, status %d%s%s", ab->undo,
				undone->status, *undone->output ? ": " : "", undone->output);
	if (stopped)
		fprintf(stderr, "undone by '%s'\n", ab->undo);
	return STATUS_OK;
}

static int print_result(const char *path, const struct ab *ab, const struct fail_above *fail_above)
{
	struct compare_options how = {.margin = ab->margin, .unit = COMPARE_AUTO, .leg = LEGS};
	struct inputs inputs = {0};
	struct compare *compare;
	char why[RUN_WHY];
	int status = inputs_add(&inputs, path, false);

	if (status == STATUS_OK && inputs.count != 2)
		status = cli_fail("%s: has %zu runs, not two", path, inputs.count);
	if (status == STATUS_OK && compare_new(inputs.input, 2, &how, &compare, why))
		status = fail_above_refused(fail_above, cli_fail("%s", why));
	else if (status == STATUS_OK) {
		if (compare_print(compare, stdout, TABLE_TEXT, cli_width()))
			status = cli_fail("no memory");
		printf("\nThe runs are in %s\n", path);
		status = status == STATUS_OK ? cli_finish(status) : status;
		if (status == STATUS_OK)
			status = fail_above_status(fail_above, compare);
		compare_free(compare);
	}
	inputs_close(&inputs);
	return status;
}

/* With the guardian running. */
static int measure(struct ab *ab, const struct ab_options *chosen, const struct request *request)
{
	static const char *const names[2] = {"a", "b"};
	struct guardian_step step, *undone = ab->undo ? &step : NULL;
	struct session session = {0};
	char *path = NULL;
	bool stopped = false;
	int status = open_session(request, request->folder, &session), restored;

	if (status == STATUS_OK)
		path = memory_text(session.path);
	if (status == STATUS_OK && !access(path, F_OK))
		status = cli_fail("%s: is there already", path);
	if (status == STATUS_OK && chosen->aa)
		status = measure_equal(ab, request, path);
	if (status == STATUS_OK)
		status = ab_measure(ab, &session, names, &stopped);
	restored = undo(ab, stopped, &step);
	if (status == STATUS_OK)
		status = commit(ab, &session, undone);
	free(path);
	path = status == STATUS_OK ? memory_text(session.folder.path) : NULL;
	session_close(&session);
	if (path && !request->quiet)
		ab_tell_end(ab);
	if (path)
		status = print_result(path, ab, &chosen->fail_above);
	free(path);
	return status == STATUS_OK ? restored : status;
}

static int run_ab(int argc, char **argv)
{
	struct ab_options chosen = {
		.max_rounds = MAX_ROUNDS,
		.margin = COMPARE_MARGIN_PERCENT,
		.fail_above = FAIL_ABOVE_NONE,
	};
	struct request request = REQUEST_NONE;
	int status = parse(argc, argv, &chosen, &request), err;
	struct ab ab = {
		.command = {chosen.a, chosen.b},
		.undo = chosen.undo,
		.max_rounds = chosen.max_rounds,
		.max_time = chosen.max_time,
		.margin = chosen.margin / 100,
	};

	if (status != OPTIONS_PARSED)
		return status;
	err = guardian_start(&ab.guardian, ab.undo);
	if (err)
		return cli_fail("no process for the commands: %s", strerror(-err));
	status = measure(&ab, &chosen, &request);
	ab_free(&ab);
	return status;
}

const struct command cmd_ab = {
	.name = "ab",
	.usage = "--a COMMAND --b COMMAND [--undo COMMAND] [OPTION...] [-- RUN-OPTION...]",
	.text = "compare two states that commands set, measured in turn",
	.notes = "RUN-OPTION: the options of 'exitstorm run', as -s, -n, --set, --cpu, -o.\n",
	.options = options,
	.operand_hint = "options of 'exitstorm run' follow after --",
	.run = run_ab,
};
