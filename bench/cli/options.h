/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a command line by the table of its command. */
#ifndef BENCH_CLI_OPTIONS_H
#define BENCH_CLI_OPTIONS_H

#include "cli.h"

#define OPTIONS_PARSED (-1)

/*
 * Stores the options' values in the struct at `values`, which holds the defaults. Then operands are
 * argv[optind] to argv[argc - 1], as many as the table allows. Returns OPTIONS_PARSED, or the exit
 * status: --help was printed, or bad usage reported.
 */
int options_parse(const struct command *command, int argc, char **argv, void *values);

/*
 * The same for arguments in two parts: those of `command` before "--", those of `behind`, whose
 * values are at `behind_values`, after it.
 */
int options_parse_both(const struct command *command, int argc, char **argv, void *values,
		       const struct command *behind, void *behind_values);

#endif
