// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm: finds the command by name and runs it. */
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/plot/plot.h"
#include "../../results/compose.h"
#include "../../results/fatal.h"
#include "../../results/notice.h"
#include "../../trace/counters.h"
#include "../plan/settings.h"
#include "../targets/registry.h"
#include "../machine/version.h"
#include "help.h"
#include "runs.h"

static const struct command *const commands[] = {
	&cmd_list,     &cmd_doctor,  &cmd_selftest, &cmd_run,	  &cmd_ab,
	&cmd_gate,     &cmd_show,    &cmd_plot,	    &cmd_compare, &cmd_report,
	&cmd_archive,  &cmd_export,  &cmd_import,   &cmd_trace,	  &cmd_image,
	&cmd_campaign, &cmd_collect, &cmd_query,    &cmd_join,
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static int help(void)
{
	size_t i;

	printf("usage: exitstorm COMMAND [OPTION...]\n"
	       "Measures the latency of VM exits and of the resumes after them, by kind of exit\n"
	       "and by leg of the round trip.\n\n"
	       "commands:\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-9s  %s\n", commands[i]->name, commands[i]->text);
	printf("\n"
	       "options:\n"
	       "  --help     print this text; 'exitstorm COMMAND --help': that of a command\n"
	       "  --version  print version and commit\n"
	       "\n"
	       "Start with 'exitstorm doctor', then 'exitstorm run'. Manual: man exitstorm.\n");
	return cli_finish(STATUS_OK);
}

static int version(void)
{
	printf("exitstorm %s (commit %s)\n", EXITSTORM_VERSION, EXITSTORM_COMMIT);
	return cli_finish(STATUS_OK);
}

/*
 * counters: the events known by name, whose list settings.def does not have. Numbers: nothing to
 * complete.
 */
static void list_setting(enum setting setting)
{
	const char *name;

	if (setting != SETTING_COUNTERS) {
		printf("%s=%s\n", setting_name(setting),
		       setting_unit(setting) ? "" : setting_values(setting));
		return;
	}
	printf("%s=none", setting_name(setting));
	for (u32 i = 0; (name = counters_name(i)); i++)
		printf("|%s", name);
	putchar('\n');
}

static void list_commands(void)
{
	for (size_t i = 0; i < COMMANDS; i++)
		puts(commands[i]->name);
}

static void list_storms(void)
{
	for (u32 i = 0; i < storm_count; i++)
		puts(storms[i].name);
}

static void list_targets(void)
{
	for (int i = 0; targets[i]; i++)
		puts(targets[i]->name);
}

static void list_kinds(void)
{
	for (size_t i = 0; plot_kind_name(i); i++)
		puts(plot_kind_name(i));
}

static void list_formats(void)
{
	for (size_t i = 0; plot_format_name(i); i++)
		puts(plot_format_name(i));
}

static void list_settings(void)
{
	for (int i = 0; i < SETTINGS; i++)
		list_setting(i);
}

/* `exitstorm --complete LIST`, one word a line; settings with their values. */
static int complete(const char *name)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} lists[] = {
		{"commands", list_commands}, {"storms", list_storms},	{"targets", list_targets},
		{"kinds", list_kinds},	     {"formats", list_formats}, {"settings", list_settings},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(lists[i].name, name)) {
			lists[i].print();
			return cli_finish(STATUS_OK);
		}
	return cli_usage("there is no list '%s' to complete from", name);
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
		return cli_usage("unknown option '%s'", name);
	if (runs_is_run(name))
		return cli_usage("'%s' is a run: use 'exitstorm show %s'", name, name);
	for (u32 storm = 0; storm < storm_count; storm++)
		if (!strcmp(storms[storm].name, name))
			return cli_usage("'%s' is a storm: use 'exitstorm run -s %s'", name, name);
	for (i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	nearest = cli_nearest(name, names, COMMANDS);
	if (nearest)
		return cli_usage("unknown command '%s'; did you mean '%s'?", name, nearest);
	return cli_usage("unknown command '%s'", name);
}

/*
 * Prints a command's table: --options COMMAND for completion.bash; --man synopsis COMMAND and --man
 * options COMMAND for man.sh.
 */
static int print_table(char **argv)
{
	bool manual = !strcmp(argv[1], "--man");
	const char *name = manual ? argv[3] : argv[2];
	const struct command *command = find(name);

	if (!command)
		return unknown(name);
	if (!manual)
		return help_completion(command);
	if (!strcmp(argv[2], "synopsis"))
		return help_synopsis(command);
	return help_list(command);
}

static int run_command(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return cli_usage("no command is given: 'exitstorm run' measures this machine, "
				 "'exitstorm doctor' says what it can");
	if (!strcmp(argv[1], "--version"))
		return version();
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "--complete") && argc == 3)
		return complete(argv[2]);
	if ((!strcmp(argv[1], "--options") && argc == 3) ||
	    (!strcmp(argv[1], "--man") && argc == 4))
		return print_table(argv);
	if (!strcmp(argv[1], "help")) {
		if (argc == 2)
			return help();
		command = find(argv[2]);
		return command ? help_print(command) : unknown(argv[2]);
	}
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	cli_begin(command);
	return cli_finish(command->run(argc - 1, argv + 1));
}

/* A file that is opened later must not become the standard output: writes to it fail instead. */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void warn(const char *line)
{
	cli_warn("%s", line);
}

static void report_fatal(const char *text)
{
	cli_fail("%s", text);
}

/* In place of abort(). */
static void on_gsl_error(const char *reason, const char *file, int line, int error)
{
	if (error == GSL_ENOMEM)
		fatal_no_memory();
	fatal("GSL, %s line %d: %s", file, line, reason);
}

int main(int argc, char **argv)
{
	int status;

	fatal_report_with(report_fatal);
	compose_begin();
	gsl_set_error_handler(on_gsl_error);
	open_standard_files();
	/* Past a limit of file sizes a write fails with EFBIG, which is reported. */
	signal(SIGXFSZ, SIG_IGN);

	/*
	 * A closed pipe must not end the process while a run is being measured or written. Each
	 * write then fails with EPIPE, and the process ends by the signal when its work is done.
	 */
	signal(SIGPIPE, SIG_IGN);
	notice_to(warn);
	status = run_command(argc, argv);
	if (status == STATUS_PIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return status;
}
