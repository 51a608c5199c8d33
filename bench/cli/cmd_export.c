// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <stdio.h>

#include "../../analysis/export/export.h"

static const struct option options[] = {
	CLI_HELP,
	{"csv", no_argument, NULL, 'c'},
	{"perfetto", no_argument, NULL, 'p'},
	{"storm", required_argument, NULL, 's'},
	{},
};

static int run_export(int argc, char **argv)
{
	int (*export)(const struct run *, const char *, FILE *, char *) = export_csv;
	const char *storm = NULL;
	int option, status, error;
	char why[RUN_WHY];
	struct run *run;

	while ((option = cli_option(&cmd_export, argc, argv, "s:", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		if (option == 's')
			storm = optarg;
		else
			export = option == 'p' ? export_perfetto : export_csv;
	}
	if (optind == argc)
		return cli_usage(&cmd_export, "which run? Give its folder");
	if (optind + 1 < argc)
		return cli_usage(&cmd_export, "one run at a time, not also '%s'", argv[optind + 1]);
	if (run_open(argv[optind], &run, why))
		return cli_fail("%s", why);
	error = export(run, storm, stdout, why);
	run_close(run);
	return cli_finish(error ? cli_fail("%s", why) : STATUS_OK);
}

const struct command cmd_export = {
	.name = "export",
	.usage = "RUN [--csv|--perfetto] [-s STORM]",
	.text = "print the records that a run kept",
	.help = "  RUN              a run's folder\n"
		"      --csv        one line a record, stamps and legs in ticks (default)\n"
		"      --perfetto   trace-event JSON, for ui.perfetto.dev and chrome://tracing:\n"
		"                   guest, kernel and user of each vCPU on tracks of their own\n"
		"  -s, --storm NAME only this storm\n"
		"  -h, --help       this text\n"
		"\n"
		"Summaries are what 'show --csv' prints.\n",
	.run = run_export,
};
