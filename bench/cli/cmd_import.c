// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm import: a run folder from the bytes that an image sent over its serial line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../../results/run.h"
#include "../session/import.h"
#include "options.h"
#include "runs.h"

struct import_options {
	const char *folder;
	bool quiet;
};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "FILE",
	 .min = 1,
	 .max = 1,
	 .complete = COMPLETE_FILE,
	 .text = "a capture of the serial line, from bare metal or an emulator; bytes that are "
		 "not the image's are skipped"},
	{.letter = 'o',
	 .name = "output",
	 .value = "DIR",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct import_options, folder),
	 .complete = COMPLETE_FILE,
	 .text = "the folder of the run; it must not exist"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct import_options, quiet),
	 .text = "print only the path of the run"},
	{},
};

static int run_import(int argc, char **argv)
{
	struct import_options chosen = {0};
	int status = options_parse(&cmd_import, argc, argv, &chosen);
	char why[RUN_WHY], incomplete[RUN_WHY], *folder = NULL;
	const char *file = argv[optind];

	if (status != OPTIONS_PARSED)
		return status;
	if (chosen.folder)
		folder = memory_text(chosen.folder);
	if (import_capture(file, &folder, incomplete, why))
		status = cli_fail("%s", why);
	else
		status = runs_print_new(folder, chosen.quiet);
	if (*incomplete && status == STATUS_OK)
		status = cli_fail("%s: incomplete: %s", file, incomplete);
	free(folder);
	return status;
}

const struct command cmd_import = {
	.name = "import",
	.usage = "FILE [OPTION...]",
	.text = "make a run from the serial output of an image",
	.options = options,
	.notes =
		"If frames were lost or damaged on the line, the intact ones are kept, the run is\n"
		"marked incomplete, the storms concerned have no figures, and the status is 1.\n",
	.run = run_import,
};
