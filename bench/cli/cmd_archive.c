// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "../../analysis/archive/archive.h"
#include "../../analysis/archive/pack.h"
#include "runs.h"

static const struct option options[] = {
	CLI_HELP,
	{"anonymous", no_argument, NULL, 'A'},
	{"output", required_argument, NULL, 'o'},
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
	if (*note)
		cli_warn("%s", note);
	printf("%s\n", out);
	return STATUS_OK;
}

static int run_archive(int argc, char **argv)
{
	const char *out = NULL;
	bool anonymous = false;
	int option, status;

	while ((option = cli_option(&cmd_archive, argc, argv, "o:", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		if (option == 'o')
			out = optarg;
		else
			anonymous = true;
	}
	if (optind == argc)
		return cli_usage(&cmd_archive, "which runs? Give their folders");
	if (!out)
		return cli_usage(&cmd_archive, "where to? Give -o FILE.tar.gz");
	if (!archive_name_ok(out))
		return cli_usage(&cmd_archive,
				 "-o: '%s' does not end in .tar, .tar.gz, .tar.xz or .tar.zst",
				 out);
	return cli_finish(pack(argv + optind, argc - optind, anonymous, out));
}

const struct command cmd_archive = {
	.name = "archive",
	.usage = "RUN... -o FILE [--anonymous]",
	.text = "pack runs and figures for reviewers",
	.help = "  RUN...             folders of runs, or a folder with runs in it\n"
		"  -o, --output FILE  where to: .tar, .tar.gz, .tar.xz or .tar.zst\n"
		"      --anonymous    nothing in it that tells whose it is: no folder names, host\n"
		"                     or user names, paths or kernel command line\n"
		"  -h, --help         this text\n"
		"\n"
		"Holds runs/, figures/ (each with its data and script), SHA256SUMS, and\n"
		"REPRODUCE.md: the commands that do it again and how long they take.\n",
	.run = run_archive,
};
