// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <stdio.h>
#include <unistd.h>

#include "../../analysis/export/export.h"
#include "choose.h"
#include "runs.h"

enum form { FORM_CSV, FORM_PERFETTO };

struct export_options {
	int form;
	const char *storms;
};

static const struct cli_option options[] = {
	RUN_OPERAND,
	{.name = "csv",
	 .kind = OPTION_SELECT,
	 .at = offsetof(struct export_options, form),
	 .number = FORM_CSV,
	 .text = "one line per record, stamps and legs in ticks (default)"},
	{.name = "perfetto",
	 .kind = OPTION_SELECT,
	 .at = offsetof(struct export_options, form),
	 .number = FORM_PERFETTO,
	 .text = "trace-event JSON for ui.perfetto.dev and chrome://tracing; guest, kernel and "
		 "user of each vCPU have tracks of their own"},
	CHOOSE_ROW(struct export_options, storms),
	{},
};

static int run_export(int argc, char **argv)
{
	static int (*const export[])(const struct run *, FILE *, char *) = {
		[FORM_CSV] = export_csv,
		[FORM_PERFETTO] = export_perfetto,
	};
	struct export_options chosen = {0};
	int status = options_parse(&cmd_export, argc, argv, &chosen), error;
	char why[RUN_WHY];
	struct run *run;

	if (status != OPTIONS_PARSED)
		return status;
	status = runs_open_raw(argv[optind], &run);
	if (status != STATUS_OK)
		return status;
	status = choose_keep(chosen.storms, &run, 1);
	if (status == STATUS_OK) {
		error = export[chosen.form](run, stdout, why);
		if (error)
			status = cli_fail("%s", why);
	}
	run_close(run);
	return status;
}

const struct command cmd_export = {
	.name = "export",
	.usage = "RUN [OPTION...]",
	.text = "print the records that a run has kept",
	.options = options,
	.notes = "For summaries instead of records: 'exitstorm show --csv'.\n",
	.run = run_export,
};
