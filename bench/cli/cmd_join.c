// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm join: a guest's run and the traces of the machines below it, as one run. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../analysis/join/join.h"
#include "../../results/memory.h"
#include "../session/identity.h"
#include "options.h"
#include "runs.h"

struct join_options {
	const char *folder;
	bool quiet;
};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "GUEST_RUN HOST_TRACE...",
	 .min = 2,
	 .max = 3,
	 .complete = COMPLETE_FOLDER,
	 .text = "a run with the guest's stamps (run -t guest --samples N), and what 'exitstorm "
		 "trace --record' wrote on its host meanwhile; a second trace is of the machine "
		 "that this host is a guest of"},
	{.letter = 'o',
	 .name = "output",
	 .value = "DIR",
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct join_options, folder),
	 .complete = COMPLETE_FILE,
	 .text = "the folder of the joined run; it must not exist"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct join_options, quiet),
	 .text = "print only the path of the run"},
	{},
};

/* Joining the same runs gives the same UUID. */
static json_t *uuid_of(struct run *const *run, size_t count)
{
	char *text = memory_text("join");
	json_t *uuid;

	for (size_t i = 0; i < count; i++) {
		char *more = memory_format("%s %s %s", text, run_string(run[i], "uuid"),
					   run_string(run[i], "started"));

		free(text);
		text = more;
	}
	uuid = identity_uuid(text, 0);
	free(text);
	return uuid;
}

static int join(struct run *const *run, size_t count, const struct join_options *chosen)
{
	struct join_request request = {run[0], {run[1], count > 2 ? run[2] : NULL}, NULL};
	char why[RUN_WHY], *path = memory_text(chosen->folder);
	int status;

	request.uuid = uuid_of(run, count);
	if (join_write(&request, &path, why))
		status = cli_fail("%s", why);
	else
		status = runs_print_new(path, chosen->quiet);
	free(path);
	return status;
}

static int run_join(int argc, char **argv)
{
	struct join_options chosen = {0};
	int status = options_parse(&cmd_join, argc, argv, &chosen);
	struct run *run[3] = {NULL};
	char why[RUN_WHY];
	size_t count = 0;

	if (status != OPTIONS_PARSED)
		return status;
	status = STATUS_OK;
	for (int i = optind; status == STATUS_OK && i < argc; i++) {
		if (run_open(argv[i], &run[count], why))
			status = cli_fail("%s", why);
		else
			count++;
	}
	if (status == STATUS_OK)
		status = join(run, count, &chosen);
	while (count)
		run_close(run[--count]);
	return status;
}

const struct command cmd_join = {
	.name = "join",
	.usage = "GUEST_RUN HOST_TRACE... -o DIR",
	.text = "count a guest's exits by its host's trace, and divide their time",
	.options = options,
	.notes = "Each operation of the guest is matched to the exits of its vCPU by their times.\n"
		 "The guest's clock is mapped by the TSC offset that KVM gave it, which the trace\n"
		 "has recorded, else by the order of the stamps; the run says by which, and the\n"
		 "error.\n",
	.run = run_join,
};
