// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/archive/archive.h"
#include "../../analysis/archive/pack.h"
#include "runs.h"

struct archive_options {
	const char *out;
	bool anonymous;
};

static const struct cli_option options[] = {
	RUNS_OPERAND,
	{.letter = 'o',
	 .name = "output",
	 .value = "FILE",
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct archive_options, out),
	 .complete = COMPLETE_FILE,
	 .text = "the archive to write: .tar, .tar.gz, .tar.xz or .tar.zst"},
	{.name = "anonymous",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct archive_options, anonymous),
	 .text = "leave out names of folders, host and user, paths, processes and the kernel "
		 "command line"},
	{},
};

static int pack(char *const *path, size_t count, bool anonymous, const char *out)
{
	char why[RUN_WHY], note[RUN_WHY];
	struct runs runs;
	int status = runs_open(&runs, path, count);

	if (status == STATUS_OK && archive_write(runs.run, runs.count, anonymous, out, note, why))
		status = cli_fail("%s", why);
	runs_close(&runs);
	if (status != STATUS_OK)
		return status;
	printf("%s\n", out);
	/* The archive is there but lacks a part: no success. */
	return *note ? cli_fail("%s", note) : STATUS_OK;
}

static int run_archive(int argc, char **argv)
{
	struct archive_options chosen = {0};
	int status = options_parse(&cmd_archive, argc, argv, &chosen);

	if (status != OPTIONS_PARSED)
		return status;
	if (!archive_name_ok(chosen.out))
		return cli_usage(
			"--output: '%s' does not end in .tar, .tar.gz, .tar.xz or .tar.zst",
			chosen.out);
	return pack(argv + optind, argc - optind, chosen.anonymous, chosen.out);
}

const struct command cmd_archive = {
	.name = "archive",
	.usage = "RUN... -o FILE [OPTION...]",
	.text = "pack runs and their figures for reviewers",
	.options = options,
	.notes = "Contains runs/, figures/ (each with its data and script), SHA256SUMS, and\n"
		 "REPRODUCE.md: the commands that repeat the runs and how long they take.\n",
	.run = run_archive,
};
