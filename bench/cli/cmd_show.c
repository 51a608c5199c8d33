// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/stats/recount.h"
#include "../../analysis/show/controls.h"
#include "../../analysis/show/export.h"
#include "../../analysis/show/methods.h"
#include "../../analysis/show/show.h"
#include "../../results/run.h"

enum { OPTION_SAMPLES = 256, OPTION_LEG };
enum form {
	FORM_TEXT,
	FORM_CSV,
	FORM_MARKDOWN,
	FORM_LATEX,
	FORM_JSON,
	FORM_METHODS,
	FORM_CONTROLS
};

static const struct option options[] = {
	CLI_HELP,
	{"json", no_argument, NULL, 'j'},
	{"csv", no_argument, NULL, 'c'},
	{"markdown", no_argument, NULL, 'm'},
	{"latex", no_argument, NULL, 'l'},
	{"methods", no_argument, NULL, 'M'},
	{"controls", no_argument, NULL, 'C'},
	{"samples", no_argument, NULL, OPTION_SAMPLES},
	{"leg", required_argument, NULL, OPTION_LEG},
	{"width", required_argument, NULL, 'w'},
	{},
};

static int show(const struct run *run, enum form form, int width)
{
	switch (form) {
	case FORM_TEXT:
		return show_print(run, stdout, TABLE_TEXT, width);
	case FORM_CSV:
		return show_print(run, stdout, TABLE_CSV, 0);
	case FORM_MARKDOWN:
		return show_print(run, stdout, TABLE_MARKDOWN, 0);
	case FORM_LATEX:
		return show_print(run, stdout, TABLE_LATEX, 0);
	case FORM_JSON:
		return show_json(run, stdout);
	case FORM_METHODS:
		return show_methods(run, stdout, width);
	case FORM_CONTROLS:
		return show_controls(run, stdout, width);
	}
	return -EINVAL;
}

static int run_show(int argc, char **argv)
{
	int option, status, error, width = cli_width();
	enum form form = FORM_TEXT, chosen;
	const char *given = NULL;
	char why[RUN_WHY], *end;
	bool samples = false;
	enum leg leg = LEGS;
	struct run *run;

	while ((option = cli_option(&cmd_show, argc, argv, "w:", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		if (option == 'w') {
			long columns = strtol(optarg, &end, 10);

			if (end == optarg || *end || columns < 40 || columns > 10000)
				return cli_usage(
					&cmd_show,
					"--width wants a number from 40 to 10000, not '%s'",
					optarg);
			width = columns;
			continue;
		}
		if (option == OPTION_SAMPLES) {
			samples = true;
			continue;
		}
		if (option == OPTION_LEG) {
			for (leg = 0; leg < LEGS && strcmp(optarg, leg_name[leg]); leg++)
				;
			if (leg == LEGS)
				return cli_usage(&cmd_show, "--leg: unknown leg '%s'", optarg);
			continue;
		}
		chosen = strchr("?cmljMC", option) - "?cmljMC";
		if (given && form != chosen)
			return cli_usage(&cmd_show, "one form at a time: %s or %s", given,
					 argv[optind - 1]);
		given = argv[optind - 1];
		form = chosen;
	}
	if (optind == argc)
		return cli_usage(&cmd_show, "which run? Give its folder");
	if (optind + 1 < argc)
		return cli_usage(&cmd_show, "one run at a time, not also '%s'", argv[optind + 1]);
	if (leg != LEGS && !samples)
		return cli_usage(&cmd_show, "--leg is for --samples");
	error = run_open(argv[optind], &run, why);
	if (error)
		return cli_fail("%s", why);
	if (samples && recount(run, leg, why)) {
		run_close(run);
		return cli_fail("%s", why);
	}
	error = show(run, form, width);
	run_close(run);
	return cli_finish(error ? cli_fail("%s", strerror(-error)) : STATUS_OK);
}

const struct command cmd_show = {
	.name = "show",
	.usage = "RUN [--json|--csv|--markdown|--latex|--methods|--controls] "
		 "[--samples [--leg LEG]] [--width COLUMNS]",
	.text = "print the figures of a run as a table",
	.help = "  RUN              a run's folder, as 'exitstorm run' names it\n"
		"      --json       all summaries, all and undisturbed records, for programs\n"
		"      --csv        the same, one line for each storm, leg and kind of records\n"
		"      --markdown   the table for a README\n"
		"      --latex      the table for a paper (booktabs)\n"
		"      --methods    the paragraph for a paper that says how it was measured\n"
		"      --controls   what raw VMX or SVM told the hardware, by the manuals' names\n"
		"      --samples    figures made anew from the records that the run kept\n"
		"      --leg LEG    with --samples: of this leg alone, which takes half the time\n"
		"  -w, --width N    columns of the table (default: the terminal's, else 80);\n"
		"                   a wide one also has time, p99.9, n and max\n"
		"  -h, --help       this text\n",
	.run = run_show,
};
