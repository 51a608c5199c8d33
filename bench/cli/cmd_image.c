// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm image: a bootable image for bare metal, with the plan of a run. */
#include <stdio.h>

#include "../targets/metal.h"
#include "options.h"
#include "request.h"

static const struct cli_option options[] = {
	{.letter = 'o',
	 .name = "output",
	 .value = "DIR",
	 .required = true,
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, folder),
	 .complete = COMPLETE_FILE,
	 .text = "the folder to make: image, plan, GRUB configuration, and a README on how to "
		 "boot and how to capture the output"},
	REQUEST_PLAN("0, as the serial line is slow"),
	{},
};

static int write_folder(const struct session *session)
{
	const struct variant *variant = &session->variant[0];
	char why[HV_WHY];

	if (metal_write(&variant->plan, session->storm, session->storms, session->path, why))
		return cli_fail("%s", why);
	printf("%s/README describes how to boot it and how to import its output.\n", session->path);
	return STATUS_OK;
}

static int run_image(int argc, char **argv)
{
	struct request request = REQUEST_NONE;
	struct session session = {0};
	struct run *like = NULL;
	int status = options_parse(&cmd_image, argc, argv, &request);

	if (status != OPTIONS_PARSED)
		return status;
	request.own = &target_metal;
	status = request_session(&request, &session, &like);
	if (status == STATUS_OK)
		status = write_folder(&session);
	session_close(&session);
	return status;
}

const struct command cmd_image = {
	.name = "image",
	.usage = "-o DIR [OPTION...]",
	.text = "build a bootable image that measures on bare metal",
	.options = options,
	.operand_hint = "storms are chosen with --storms",
	.notes = "The settings of this target: 'exitstorm list -t metal --settings'. 'exitstorm\n"
		 "import' makes a run from the serial output of the machine.\n",
	.run = run_image,
};
