// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm: finds the subcommand and calls it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../../trace/counters.h"
#include "../../trace/kvm_trace.h"
#include "../plan/settings.h"
#include "../targets/registry.h"
#include "../machine/version.h"
#include "cli.h"

static const struct command *const commands[] = {
	&cmd_list,   &cmd_doctor,  &cmd_selftest, &cmd_run,    &cmd_show,  &cmd_plot,  &cmd_compare,
	&cmd_report, &cmd_archive, &cmd_export,	  &cmd_import, &cmd_trace, &cmd_image,
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static int help(void)
{
	size_t i;

	printf("usage: exitstorm COMMAND [OPTION...]\n"
	       "Measures what a VM exit costs and what the way back costs, exit kind by exit\n"
	       "kind, leg by leg.\n\n"
	       "commands:\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-9s  %s\n", commands[i]->name, commands[i]->text);
	printf("\n"
	       "options:\n"
	       "  --help     this text; 'exitstorm COMMAND --help' for one command\n"
	       "  --version  version and commit\n"
	       "\n"
	       "Begin with 'exitstorm doctor', then 'exitstorm run'. All of it: man exitstorm.\n");
	return cli_finish(STATUS_OK);
}

static int version(void)
{
	printf("exitstorm %s (commit %s)\n", EXITSTORM_VERSION, EXITSTORM_COMMIT);
	return cli_finish(STATUS_OK);
}

static void complete_setting(enum setting setting)
{
	const char *name;

	if (setting != SETTING_COUNTERS) {
		printf("%s=%s\n", setting_name(setting), setting_values(setting));
		return;
	}
	printf("%s=none", setting_name(setting));
	for (u32 i = 0; (name = counters_name(i)); i++)
		printf("|%s", name);
	putchar('\n');
}

/* exitstorm --complete WHAT: for completion.bash, one a line; not for people. */
static int complete(const char *what)
{
	size_t i;

	if (strcmp(what, "commands") == 0) {
		for (i = 0; i < COMMANDS; i++)
			puts(commands[i]->name);
	} else if (strcmp(what, "storms") == 0) {
		for (i = 0; i < storm_count; i++)
			puts(storms[i].name);
	} else if (strcmp(what, "targets") == 0) {
		for (i = 0; targets[i]; i++)
			puts(targets[i]->name);
	} else if (strcmp(what, "legs") == 0) {
		for (i = 0; i < LEGS; i++)
			puts(leg_name[i]);
	} else if (strcmp(what, "hooks") == 0) {
		for (i = 0; i < KVM_HOOK_COUNT; i++)
			puts(kvm_hook_name[i]);
	} else if (strcmp(what, "settings") == 0) {
		for (i = 0; i < SETTINGS; i++)
			complete_setting(i);
	} else {
		return cli_usage(NULL, "nothing to complete is called '%s'", what);
	}
	return cli_finish(STATUS_OK);
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int unknown(const char *name)
{
	const char *names[COMMANDS], *nearest;
	size_t i;

	if (*name == '-')
		return cli_usage(NULL, "unknown option '%s'", name);
	for (i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	nearest = cli_nearest(name, names, COMMANDS);
	if (nearest)
		return cli_usage(NULL, "unknown command '%s'; did you mean '%s'?", name, nearest);
	return cli_usage(NULL, "unknown command '%s'", name);
}

int main(int argc, char **argv)
{
	const struct command *command;

	/* A closed pipe is then an error of write(2), which cli_finish reports. */
	signal(SIGPIPE, SIG_IGN);

	if (argc < 2)
		return cli_usage(NULL, "which command?");
	if (strcmp(argv[1], "--version") == 0)
		return version();
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help();
	if (strcmp(argv[1], "--complete") == 0 && argc == 3)
		return complete(argv[2]);
	if (strcmp(argv[1], "help") == 0) {
		if (argc == 2)
			return help();
		command = find(argv[2]);
		return command ? cli_help(command) : unknown(argv[2]);
	}
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	cli_begin(command);
	return cli_finish(command->run(argc - 1, argv + 1));
}
