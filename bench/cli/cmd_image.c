// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm image: what boots on bare metal, with the plan of a run. */
#include <stdio.h>

#include "../targets/metal.h"
#include "request.h"

enum { OPTION_VCPUS = 256, OPTION_SAMPLES, OPTION_SET, OPTION_WARMUP, OPTION_SEED };

static const struct option options[] = {
	CLI_HELP,
	{"storms", required_argument, NULL, 's'},
	{"exits", required_argument, NULL, 'n'},
	{"repeats", required_argument, NULL, 'r'},
	{"output", required_argument, NULL, 'o'},
	{"vcpus", required_argument, NULL, OPTION_VCPUS},
	{"samples", required_argument, NULL, OPTION_SAMPLES},
	{"warmup", required_argument, NULL, OPTION_WARMUP},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"set", required_argument, NULL, OPTION_SET},
	{},
};

/* Where the text of an option goes; NULL: it is none. */
static const char **place_of(struct request *request, int option)
{
	switch (option) {
	case 's':
		return &request->storms;
	case 'n':
		return &request->exits;
	case 'r':
		return &request->repeats;
	case 'o':
		return &request->folder;
	case OPTION_VCPUS:
		return &request->vcpus;
	case OPTION_SAMPLES:
		return &request->samples;
	case OPTION_WARMUP:
		return &request->warmup;
	case OPTION_SEED:
		return &request->seed;
	case OPTION_SET:
		return request->sets < REQUEST_SETS ? &request->set[request->sets++] : NULL;
	default:
		return NULL;
	}
}

static int write_folder(const struct session *session)
{
	const struct variant *variant = &session->variant[0];
	char why[HV_WHY];

	if (metal_write(&variant->plan, session->storm, session->storms, variant->path, why))
		return cli_fail("%s", why);
	printf("%s/README says how to boot it and what to do with what it sends.\n", variant->path);
	return STATUS_OK;
}

static int run_image(int argc, char **argv)
{
	struct request request = {.own = &target_metal};
	struct session session = {0};
	struct run *like = NULL;
	int option, status = STATUS_OK;

	while ((option = cli_option(&cmd_image, argc, argv, "s:n:r:o:", options, &status)) != -1) {
		const char **place = place_of(&request, option);

		if (!place)
			return option == OPTION_SET
				       ? cli_usage(&cmd_image, "--set more than %d times",
						   REQUEST_SETS)
				       : status;
		*place = optarg;
	}
	if (optind < argc)
		return cli_usage(&cmd_image, "'%s' is not an option (storms are named with -s)",
				 argv[optind]);
	if (!request.folder)
		return cli_usage(&cmd_image, "where to? -o DIR");
	status = request_session(&cmd_image, &request, &session, &like);
	if (status == STATUS_OK)
		status = write_folder(&session);
	session_close(&session);
	return status;
}

const struct command cmd_image = {
	.name = "image",
	.usage = "-o DIR [OPTION...]",
	.text = "write what measures on bare metal: for GRUB, with a plan",
	.help = "  -o, --output DIR      the folder to make: image, plan, lines for GRUB, and a\n"
		"                        README that says how to boot and capture\n"
		"  -s, --storms LIST     which storms, by name or pattern; default: all\n"
		"  -n, --exits N         operations a storm, a repeat and a vCPU (default 1000)\n"
		"  -r, --repeats N       fresh VMs a storm (default 5)\n"
		"      --vcpus N         vCPUs of a VM, each makes the storm (default 1)\n"
		"      --samples N       records to keep a storm (default none: the line is slow)\n"
		"      --warmup N        operations before those that count (default 200)\n"
		"      --seed N          of the choice of records to keep (default 1)\n"
		"      --set KEY=VALUE   a setting; 'list -t metal --settings' names them\n"
		"\n"
		"'exitstorm import' makes a run of what the machine sends.\n",
	.run = run_image,
};
