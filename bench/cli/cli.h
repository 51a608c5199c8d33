/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share. */
#ifndef BENCH_CLI_CLI_H
#define BENCH_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_REGRESSION = 3 };

struct command {
	const char *name, *usage, *text; /* text: one line for `exitstorm --help` */
	const char *help;		 /* the rest of `exitstorm NAME --help` */
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand; returns the exit status */
};

extern const struct command cmd_list, cmd_doctor, cmd_selftest, cmd_run, cmd_show, cmd_plot;

/* "exitstorm NAME: …" on stderr, in one line (what does not print is escaped). Return the status. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int cli_help(const struct command *command); /* to stdout */
/* Flushes stdout; a full disk or closed pipe becomes STATUS_FAILED and a message. */
int cli_finish(int status);
int cli_width(void); /* columns of the terminal on stdout; 80 where it is none */

#endif
