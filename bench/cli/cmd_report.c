// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/output/replace_file.h"
#include "../../analysis/report/report.h"
#include "runs.h"

enum { OPTION_BASE = 256 };

static const struct option options[] = {
	CLI_HELP,
	{"base", required_argument, NULL, OPTION_BASE},
	{"output", required_argument, NULL, 'o'},
	{},
};

static int write_page(const struct runs *runs, size_t base, const char *out)
{
	char why[RUN_WHY] = "", note[RUN_WHY];
	FILE *file = tmpfile();
	int error;

	if (!file)
		return cli_fail("no temporary file: %s", strerror(errno));
	error = report_write(runs->run, runs->count, base, file, note, why);
	if (!error && (fflush(file) || ferror(file) || lseek(fileno(file), 0, SEEK_SET)))
		error = why_say(why, -EIO, "the page cannot be written to a temporary file");
	if (!error)
		error = replace_file(fileno(file), out);
	if (error && !*why)
		why_say(why, error, "%s: cannot be written: %s", why_path(out), strerror(-error));
	fclose(file);
	if (error)
		return cli_fail("%s", why);
	if (*note)
		cli_warn("%s", note);
	if (strcmp(out, "-"))
		printf("%s\n", out);
	return STATUS_OK;
}

static int run_report(int argc, char **argv)
{
	const char *out = NULL, *base = "1";
	int option, status;
	struct runs runs;

	while ((option = cli_option(&cmd_report, argc, argv, "o:", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		*(option == OPTION_BASE ? &base : &out) = optarg;
	}
	if (optind == argc)
		return cli_usage(&cmd_report, "which runs? Give their folders");
	if (!out)
		return cli_usage(&cmd_report, "where to? Give -o FILE.html");
	status = runs_open(&runs, argv + optind, argc - optind);
	if (status == STATUS_OK && runs_find(&runs, base) == runs.count)
		status = cli_usage(&cmd_report,
				   "--base: '%s' is none of the runs, nor a number from 1 to %zu",
				   base, runs.count);
	if (status == STATUS_OK)
		status = write_page(&runs, runs_find(&runs, base), out);
	runs_close(&runs);
	return cli_finish(status);
}

const struct command cmd_report = {
	.name = "report",
	.usage = "RUN... -o FILE.html [--base RUN]",
	.text = "write runs as one HTML page",
	.help = "  RUN...             folders of runs, or a folder with runs in it\n"
		"  -o, --output FILE  where to; - is standard output\n"
		"      --base RUN     what others are set beside: its name or number (default 1)\n"
		"  -h, --help         this text\n"
		"\n"
		"One file that needs no network: environment, tables that sort, figures,\n"
		"legs, warnings; each run beside the base, or where that has another clock,\n"
		"beside the first that has its own. Figures need gnuplot.\n",
	.run = run_report,
};
