/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that the command runs: gnuplot, tar, emulators. They are found by $PATH. For root only
 * those parts of $PATH count that no other user can change, and the program gets a $PATH of these
 * and no variables but those of language, terminal and TMPDIR: others (LD_PRELOAD, TAR_OPTIONS,
 * GNUPLOT_DRIVER_DIR, BXSHARE ...) name code or files of code.
 */
#ifndef RESULTS_PROGRAM_H
#define RESULTS_PROGRAM_H

#include <stdbool.h>

/* True and its absolute path, of PATH_MAX bytes; false: there is none. */
bool program_find(const char *name, char *path);
/* In a child process: executes it. Returns only if that fails, with -errno; -ENOENT: none found. */
int program_exec(const char *name, const char *const *argv);
/* Gives notice that `path`, which the variable or program `what` named, is not used. */
void program_passed_over(const char *what, const char *path);

#endif
