// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm run: measures, and leaves a run folder. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/describe/differences.h"
#include "../../analysis/show/show.h"
#include "request.h"

enum {
	OPTION_VCPUS = 256,
	OPTION_CPU,
	OPTION_SAMPLES,
	OPTION_LIKE,
	OPTION_SET,
	OPTION_VARY,
	OPTION_ANONYMOUS,
	OPTION_WARMUP,
	OPTION_SEED
};

static const struct option options[] = {
	CLI_HELP,
	{"target", required_argument, NULL, 't'},
	{"storms", required_argument, NULL, 's'},
	{"exits", required_argument, NULL, 'n'},
	{"repeats", required_argument, NULL, 'r'},
	{"output", required_argument, NULL, 'o'},
	{"quiet", no_argument, NULL, 'q'},
	{"vcpus", required_argument, NULL, OPTION_VCPUS},
	{"cpu", required_argument, NULL, OPTION_CPU},
	{"samples", required_argument, NULL, OPTION_SAMPLES},
	{"warmup", required_argument, NULL, OPTION_WARMUP},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"like", required_argument, NULL, OPTION_LIKE},
	{"set", required_argument, NULL, OPTION_SET},
	{"vary", required_argument, NULL, OPTION_VARY},
	{"anonymous", no_argument, NULL, OPTION_ANONYMOUS},
	{},
};

/* Returns STATUS_OK; or CLI_STOP, and the command's status. */
static int parse_option(struct request *request, int option, int *status)
{
	switch (option) {
	case 't':
		request->target = optarg;
		break;
	case 's':
		request->storms = optarg;
		break;
	case 'n':
		request->exits = optarg;
		break;
	case 'r':
		request->repeats = optarg;
		break;
	case 'o':
		request->folder = optarg;
		break;
	case 'q':
		request->quiet = true;
		break;
	case OPTION_VCPUS:
		request->vcpus = optarg;
		break;
	case OPTION_CPU:
		request->cpus = optarg;
		break;
	case OPTION_SAMPLES:
		request->samples = optarg;
		break;
	case OPTION_WARMUP:
		request->warmup = optarg;
		break;
	case OPTION_SEED:
		request->seed = optarg;
		break;
	case OPTION_LIKE:
		request->like = optarg;
		break;
	case OPTION_SET:
		if (request->sets == REQUEST_SETS) {
			*status = cli_usage(&cmd_run, "--set more than %d times", REQUEST_SETS);
			return CLI_STOP;
		}
		request->set[request->sets++] = optarg;
		break;
	case OPTION_VARY:
		if (request->vary) {
			*status = cli_usage(&cmd_run, "--vary can be given once");
			return CLI_STOP;
		}
		request->vary = optarg;
		break;
	case OPTION_ANONYMOUS:
		request->anonymous = true;
		break;
	default:
		return CLI_STOP;
	}
	return STATUS_OK;
}

/* The tables as `show` has them, and what became of the storms that failed. */
static int print_run(const struct variant *variant, const struct request *request)
{
	char why[RUN_WHY];
	struct run *run;

	if (request->quiet) {
		printf("%s\n", variant->path);
		return STATUS_OK;
	}
	if (run_open(variant->path, &run, why))
		return cli_fail("%s: %s", variant->path, why);
	if (show_print(run, stdout, TABLE_TEXT, cli_width())) {
		run_close(run);
		return cli_fail("no memory");
	}
	run_close(run);
	printf("\nThe run is in %s\n", variant->path);
	return STATUS_OK;
}

static int count_failed(const struct session *session)
{
	int failed = 0;

	for (u32 i = 0; i < session->variants; i++)
		for (u32 storm = 0; storm < session->storms; storm++)
			failed += collect_status(session->variant[i].collect,
						 session->storm[storm]) == STORM_FAILED;
	return failed;
}

static int print_runs(const struct session *session, const struct request *request,
		      const struct run *like)
{
	int failed = count_failed(session), status = STATUS_OK;

	for (u32 i = 0; i < session->variants && status == STATUS_OK; i++) {
		if (i && !request->quiet)
			putchar('\n');
		status = print_run(&session->variant[i], request);
	}
	if (like && status == STATUS_OK && !request->quiet)
		differences_print(like, session->variant[0].json, stdout);
	if (failed && status == STATUS_OK)
		status = cli_fail("%d storm%s failed: the run says why", failed,
				  failed == 1 ? "" : "s");
	return status;
}

static int run_session(struct session *session, const struct request *request,
		       const struct run *like)
{
	char why[RUN_WHY];
	int err;

	session->progress = !request->quiet && isatty(STDERR_FILENO);
	err = session_open(session, why);
	if (!err)
		err = session_measure(session, why);
	if (err == -ECANCELED)
		return cli_fail("stopped: no run was left");
	if (!err)
		err = session_commit(session, why);
	if (err)
		return cli_fail("%s", why);
	return print_runs(session, request, like);
}

static int run(int argc, char **argv)
{
	struct request request = {0};
	struct session session = {0};
	struct run *like = NULL;
	int option, status = STATUS_OK;

	while ((option = cli_option(&cmd_run, argc, argv, "t:s:n:r:o:q", options, &status)) != -1)
		if (parse_option(&request, option, &status) == CLI_STOP)
			return status;
	if (optind < argc)
		return cli_usage(&cmd_run, "'%s' is not an option (storms are named with -s)",
				 argv[optind]);
	status = request_session(&cmd_run, &request, &session, &like);
	if (status == STATUS_OK)
		status = run_session(&session, &request, like);
	session_close(&session);
	run_close(like);
	return status;
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[OPTION...]",
	.text = "measure, and leave a run folder",
	.help = "  -t, --target NAME     where to run; default: what this machine has\n"
		"  -s, --storms LIST     which storms, by name or pattern (pio_*,cpuid);\n"
		"                        default: all, see 'exitstorm list'\n"
		"  -n, --exits N         operations a storm, a repeat and a vCPU (default 1000)\n"
		"  -r, --repeats N       fresh VMs a storm (default 5)\n"
		"      --vcpus N         vCPUs of a VM, each makes the storm (default 1)\n"
		"      --cpu LIST        the CPUs they are pinned to (0,2-4)\n"
		"      --samples N       records to keep a storm (default 10000)\n"
		"      --warmup N        operations before those that count (default 200)\n"
		"      --seed N          of the choice of records to keep (default 1)\n"
		"      --set KEY=VALUE   a setting; 'exitstorm list --settings' names them\n"
		"      --vary KEY=V1,V2  a run for each value, their repeats in turn\n"
		"      --like RUN        as RUN was made, and what differs from it\n"
		"      --anonymous       nothing in the run that names this host\n"
		"  -o, --output DIR      the run folder (with --vary: what holds them)\n"
		"  -q, --quiet           print nothing but the folder's path\n",
	.run = run,
};
