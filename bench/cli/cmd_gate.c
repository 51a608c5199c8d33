// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm gate: a group of runs against a kept one, for CI. */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/compare/text.h"
#include "../../analysis/export/formats.h"
#include "../../analysis/output/replace_file.h"
#include "../../results/memory.h"
#include "../../results/temporary.h"
#include "../session/run_path.h"
#include "baseline.h"
#include "fail_above.h"
#include "inputs.h"
#include "series.h"

#define RUNS	     10 /* of a baseline */
#define MAX_RUNS     50 /* of a gate with --time */
#define FAIL_PERCENT 2

struct gate_options {
	const char *baseline;
	double time, margin; /* margin: percent */
	struct fail_above fail_above;
	const char *file[FORMAT_COUNT];
	bool refresh;
};

#define GATE_FILE(word, format, what)                                               \
	{                                                                           \
		.name = word, .value = "FILE", .kind = OPTION_TEXT,                 \
		.at = offsetof(struct gate_options, file) +                         \
		      (format) * sizeof(((struct gate_options *)NULL)->file[0]),    \
		.complete = COMPLETE_FILE, .text = "also write the result as " what \
	}

static const struct cli_option options[] = {
	{.name = "baseline",
	 .value = "DIR",
	 .once = true,
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct gate_options, baseline),
	 .complete = COMPLETE_FOLDER,
	 .text = "the folder with the runs to compare with"},
	{.name = "refresh",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct gate_options, refresh),
	 .text = "measure the baseline, which replaces the one that is there, and compare nothing"},
	{.name = "time",
	 .value = "SECONDS",
	 .kind = OPTION_SECONDS,
	 .at = offsetof(struct gate_options, time),
	 .text = "take so much time (90, 2m). With --refresh it chooses operations and repeats of "
		 "the runs, else the number of runs; default: that of the baseline"},
	{.name = "fail-above",
	 .value = "PERCENT",
	 .kind = OPTION_PERCENT,
	 .at = offsetof(struct gate_options, fail_above.percent),
	 .low = 0,
	 .high = 1e6,
	 .text = "status 3 if a storm is slower by more than this " OPTION_DEFAULT(
		 FAIL_PERCENT) ", 4 if one may be"},
	{.name = "bisect",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct gate_options, fail_above.bisect),
	 .text = "status 125 in place of 4, as 'git bisect run' wants it to skip a commit"},
	{.name = "margin",
	 .value = "PERCENT",
	 .kind = OPTION_PERCENT,
	 .at = offsetof(struct gate_options, margin),
	 .low = 0.001,
	 .high = 50,
	 .text = "the difference within which storms are 'same' " OPTION_DEFAULT(
		 COMPARE_MARGIN_PERCENT)},
	GATE_FILE("junit", FORMAT_junit, "JUnit XML"),
	GATE_FILE("tap", FORMAT_tap, "TAP"),
	GATE_FILE("summary", FORMAT_summary, "Markdown for a pull request"),
	{},
};

static int write_file(const struct format *format, const struct format_data *data, const char *path)
{
	FILE *file = tmpfile();
	char why[RUN_WHY];
	int error = file ? format->write(data, file, why)
			 : why_say(why, -errno, "no temporary file: %s", strerror(errno));

	if (!error && (fflush(file) || ferror(file) || lseek(fileno(file), 0, SEEK_SET)))
		error = why_say(why, -EIO, "no room for a temporary file");
	if (!error && (error = replace_file(fileno(file), path)))
		why_say(why, error, "%s: cannot be written: %s", why_path(path), strerror(-error));
	if (file)
		fclose(file);
	return error ? cli_fail("%s", why) : STATUS_OK;
}

static int write_files(const struct compare *compare, const struct gate_options *chosen)
{
	struct format_data data = {
		.input = compare->input,
		.inputs = compare->inputs,
		.compare = compare,
		.leg = LEGS,
		.fail_above = chosen->fail_above.percent,
		.doubt_fails = true,
	};
	int status = STATUS_OK;

	for (int i = 0; i < FORMAT_COUNT && status == STATUS_OK; i++)
		if (chosen->file[i])
			status = write_file(&formats[i], &data, chosen->file[i]);
	return status;
}

static int compare_groups(const struct gate_options *chosen, const char *folder)
{
	struct compare_options how = {
		.margin = chosen->margin / 100, .unit = COMPARE_AUTO, .leg = LEGS};
	struct inputs inputs = {0};
	struct compare *compare = NULL;
	char why[RUN_WHY];
	int status = inputs_add(&inputs, chosen->baseline, true);

	if (status == STATUS_OK)
		status = inputs_add(&inputs, folder, true);
	if (status == STATUS_OK)
		status = baseline_check(inputs.input[0].run[0], inputs.input[1].run[0])
				 ? fail_above_refused(&chosen->fail_above, STATUS_UNDECIDED)
				 : STATUS_OK;
	if (status == STATUS_OK) {
		inputs_label(&inputs, 0);
		if (compare_new(inputs.input, 2, &how, &compare, why))
			status = fail_above_refused(&chosen->fail_above, cli_fail("%s", why));
	}
	if (compare) {
		if (compare_print(compare, stdout, TABLE_TEXT, cli_width()))
			status = cli_fail("no memory");
		status = status == STATUS_OK ? cli_finish(write_files(compare, chosen)) : status;
		if (status == STATUS_OK)
			status = fail_above_status(&chosen->fail_above, compare);
	}
	compare_free(compare);
	inputs_close(&inputs);
	return status;
}

/* The plan of the new runs is the baseline's. */
static int gate(const struct gate_options *chosen, struct request *request)
{
	struct series series = {.seconds = chosen->time, .runs = chosen->time > 0 ? MAX_RUNS : 0};
	char *like = NULL, *target = NULL, *folder;
	u32 runs = 0;
	int status = baseline_open(chosen->baseline, &like, &target, &runs);

	if (status != STATUS_OK)
		return status;
	if (!series.runs)
		series.runs = runs;
	request->like = like;
	folder = request->folder ? memory_text(request->folder)
				 : run_path(target, request->anonymous);
	if (!access(folder, F_OK))
		status = cli_fail("%s: is there already", why_path(folder));
	if (status == STATUS_OK)
		status = series_measure(request, folder, &series);
	if (status == STATUS_OK)
		status = compare_groups(chosen, folder);
	if (status != STATUS_USAGE && !access(folder, F_OK))
		fprintf(stderr, "The runs are in %s\n", folder);
	free(folder);
	free(target);
	free(like);
	return status;
}

/* Options of run that the baseline decides. */
static int check_request(const struct request *request, bool refresh)
{
	bool plan = request->target || request->storms || request->set.count ||
		    request->exits != REQUEST_UNSET || request->repeats != REQUEST_UNSET ||
		    request->warmup != REQUEST_UNSET || request->vcpus != REQUEST_UNSET;

	if (request->vary || request->resume || request->like || request->until > 0 ||
	    request->time > 0)
		return cli_usage("--vary, --like, --until, --time and --resume of run cannot be "
				 "given");
	if (refresh && request->folder)
		return cli_usage("--output of run cannot be given: the runs go to --baseline");
	if (!refresh && plan)
		return cli_usage("the plan is that of the baseline: --refresh takes another one");
	return STATUS_OK;
}

static int parse(int argc, char **argv, struct gate_options *chosen, struct request *request)
{
	int status = options_parse_both(&cmd_gate, argc, argv, chosen, &cmd_run, request);

	if (status != OPTIONS_PARSED)
		return status;
	status = check_request(request, chosen->refresh);
	return status == STATUS_OK ? OPTIONS_PARSED : status;
}

static int run_gate(int argc, char **argv)
{
	struct gate_options chosen = {
		.margin = COMPARE_MARGIN_PERCENT,
		.fail_above = {.percent = FAIL_PERCENT, .gate = true},
	};
	struct request request = REQUEST_NONE;
	struct series refresh = {.runs = RUNS};
	int status = parse(argc, argv, &chosen, &request);

	if (status != OPTIONS_PARSED)
		return status;
	refresh.seconds = chosen.time;
	refresh.choose = chosen.time > 0;
	return chosen.refresh ? baseline_refresh(chosen.baseline, &request, &refresh)
			      : gate(&chosen, &request);
}

const struct command cmd_gate = {
	.name = "gate",
	.usage = "--baseline DIR [--refresh] [OPTION...] [-- RUN-OPTION...]",
	.text = "measure, and fail if a storm is slower than in a baseline",
	.notes = "RUN-OPTION: the options of 'exitstorm run', as -q, -o; with --refresh also\n"
		 "-s, -n, --set and the others that make a plan.\n",
	.options = options,
	.operand_hint = "options of 'exitstorm run' follow after --",
	.run = run_gate,
};
