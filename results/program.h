/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that the command runs: gnuplot, tar, emulators. They are found by $PATH. For root only
 * those parts of $PATH count that no other user can change, and the program gets a $PATH of these
 * and no variables but those of language, terminal and TMPDIR: others (LD_PRELOAD, TAR_OPTIONS,
 * GNUPLOT_DRIVER_DIR, BXSHARE ...) name code or files of code. SLURM_CONF stays if root alone can
 * change its file.
 */
#ifndef RESULTS_PROGRAM_H
#define RESULTS_PROGRAM_H

#include <sys/types.h>

/*
 * Its absolute path, of PATH_MAX bytes. -ENOENT: there is none. Other -errno: it was not found, and
 * `path` is where that could not be told or where it must not be executed.
 */
int program_find(const char *name, char *path);
/* As why_say(): why it was not found by program_find(). `absent` if there is none. */
int program_missing(int error, const char *name, const char *path, const char *absent, char *why,
		    size_t size);
/* In a child process: the kernel kills it when its parent ends, however that does. */
void program_die_with(pid_t parent);
/* In a child process: executes it. Returns only if that fails, with -errno; -ENOENT: none found. */
int program_exec(const char *name, const char *const *argv);
/* Gives notice that `path`, which the variable or program `what` named, is not used. */
void program_passed_over(const char *what, const char *path);

#endif
