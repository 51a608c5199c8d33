// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/output/replace_file.h"
#include "../../analysis/report/report.h"
#include "choose.h"
#include "runs.h"

struct report_options {
	const char *out, *base, *storms;
};

static const struct cli_option options[] = {
	RUNS_OPERAND,
	CHOOSE_ROW(struct report_options, storms),
	{.letter = 'o',
	 .name = "output",
	 .value = "FILE",
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct report_options, out),
	 .complete = COMPLETE_FILE,
	 .text = "the HTML file to write; - is standard output"},
	{.name = "base",
	 .value = "RUN",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct report_options, base),
	 .complete = COMPLETE_FOLDER,
	 .text = "the run that the others are compared with: its name or number (default 1)"},
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
	if (!error)
		*why = '\0'; /* of storms that were left out */
	if (!error && (fflush(file) || ferror(file) || lseek(fileno(file), 0, SEEK_SET)))
		error = why_say(why, -EIO, "the page cannot be written to a temporary file");
	if (!error)
		error = replace_file(fileno(file), out);
	if (error && !*why)
		why_say(why, error, "%s: cannot be written: %s", why_path(out), strerror(-error));
	fclose(file);
	if (error == -EPIPE && !strcmp(out, "-"))
		return STATUS_PIPE;
	if (error)
		return cli_fail("%s", why);
	if (strcmp(out, "-"))
		printf("%s\n", out);
	/* The page is there but lacks a part: no success. */
	return *note ? cli_fail("%s", note) : STATUS_OK;
}

static int run_report(int argc, char **argv)
{
	struct report_options chosen = {.base = "1"};
	int status = options_parse(&cmd_report, argc, argv, &chosen);
	struct runs runs;

	if (status != OPTIONS_PARSED)
		return status;
	status = runs_open(&runs, argv + optind, argc - optind);
	if (status == STATUS_OK && runs_find(&runs, chosen.base) == runs.count)
		status = cli_usage("--base: '%s' is none of the runs, nor a number from 1 to %zu",
				   chosen.base, runs.count);
	if (status == STATUS_OK)
		status = choose_keep(chosen.storms, runs.run, runs.count);
	if (status == STATUS_OK)
		status = write_page(&runs, runs_find(&runs, chosen.base), chosen.out);
	runs_close(&runs);
	return status;
}

const struct command cmd_report = {
	.name = "report",
	.usage = "RUN... -o FILE [OPTION...]",
	.text = "write runs as one HTML page",
	.options = options,
	.notes = "The page needs no network: environment, tables that sort, figures, legs and\n"
		 "warnings. Each run is compared with the base, or, where that has another clock,\n"
		 "with the first run that has the same one. Figures need gnuplot.\n",
	.run = run_report,
};
