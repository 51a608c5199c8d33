/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command's table as --help, as the lists of the man page, and for the completion. */
#ifndef BENCH_CLI_HELP_H
#define BENCH_CLI_HELP_H

#include "cli.h"

/* `exitstorm NAME --help`, 80 columns. Returns the exit status, as the others here do. */
int help_print(const struct command *command);
/* scdoc source: the synopsis; the list of operands and options. */
int help_synopsis(const struct command *command);
int help_list(const struct command *command);
/*
 * A line for each spelling of an option, and one for "operand": the word, a blank, and what to
 * offer for its value: "flag" (it has none), "nothing", "file", "folder", "one WORD...", "list
 * WORD...", or the name of a source in `exitstorm --complete`.
 */
int help_completion(const struct command *command);

#endif
