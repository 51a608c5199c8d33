/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share. */
#ifndef BENCH_CLI_CLI_H
#define BENCH_CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_REGRESSION = 3 };

struct command {
	const char *name, *usage, *text;   /* text: one line for `exitstorm --help` */
	const char *help;		   /* the rest of `exitstorm NAME --help` */
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand; returns the exit status */
};

extern const struct command cmd_list, cmd_doctor, cmd_selftest, cmd_run, cmd_show, cmd_plot,
	cmd_compare, cmd_report, cmd_archive, cmd_export, cmd_import, cmd_trace,
	cmd_image;

/* The command whose name stands in messages from here on. */
void cli_begin(const struct command *command);

/*
 * "exitstorm NAME: …" on stderr, in one line (what does not print is escaped).
 * Return the status.
 */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with a hint at --help. NULL: exitstorm itself. */
int cli_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "exitstorm NAME: warning: …", likewise. */
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * getopt_long whose errors are one line in our words, with --help built in:
 *
 *	static const struct option options[] = { CLI_HELP, { "json", no_argument, NULL, 'j' }, {} };
 *
 *	while ((option = cli_option(&cmd_list, argc, argv, "j", options, &status)) != -1) {
 *		switch (option) {
 *		case 'j': …
 *		case CLI_STOP: return status;
 *
 * CLI_STOP: help was given, or bad usage was reported. 'h' is taken; `shortopts` does not name it
 * and has no leading ':' (a leading '+' ends options at the first operand).
 */
enum { CLI_STOP = 0x10000 };
#define CLI_HELP                               \
	{                                      \
		"help", no_argument, NULL, 'h' \
	}
int cli_option(const struct command *command, int argc, char **argv, const char *shortopts,
	       const struct option *longopts, int *status);

/* The most similar of `count` names, for "did you mean"; NULL: none is similar. */
const char *cli_nearest(const char *word, const char *const *names, size_t count);

int cli_help(const struct command *command); /* to stdout */
/* Flushes stdout; a full disk or closed pipe becomes STATUS_FAILED and a message. */
int cli_finish(int status);
int cli_width(void); /* columns of the terminal on stdout; 80 where it is none */

#endif
