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

#endif
