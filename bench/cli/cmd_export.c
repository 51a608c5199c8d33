// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <stdio.h>

#include "../../analysis/export.h"

static const struct option options[] = {
	CLI_HELP,
	{"csv", no_argument, NULL, 'c'},
	{"storm", required_argument, NULL, 's'},
	{},
};

static int run_export(int argc, char **argv)
{
	const char *storm = NULL;
	int option, status, error;
	char why[RUN_WHY];
	struct run *run;

	while ((option = cli_option(&cmd_export, argc, argv, "s:", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		if (option == 's')
			storm = optarg;
	}
	if (optind == argc)
		return cli_usage(&cmd_export, "which run? Give its folder");
	if (optind + 1 < argc)
		return cli_usage(&cmd_export, "one run at a time, not also '%s'", argv[optind + 1]);
	if (run_open(argv[optind], &run, why))
		return cli_fail("%s", why);
	error = export_csv(run, storm, stdout, why);
	run_close(run);
	return cli_finish(error ? cli_fail("%s", why) : STATUS_OK);
}

const struct command cmd_export = {
	.name = "export",
	.usage = "RUN [--csv] [-s STORM]",
	.text = "print the records that a run kept, as CSV",
	.help = "  RUN              a run's folder\n"
		"      --csv        one line a record, stamps and legs in ticks (default)\n"
		"  -s, --storm NAME only this storm\n"
		"  -h, --help       this text\n"
		"\n"
		"Summaries are what 'show --csv' prints.\n",
	.run = run_export,
};
