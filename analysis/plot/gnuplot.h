/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gnuplot, run in a temporary folder. */
#ifndef ANALYSIS_PLOT_GNUPLOT_H
#define ANALYSIS_PLOT_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

#include "../../results/temporary.h"

/* gnuplot's working folder. We choose the names in it, so they need no quoting. */
struct gnuplot {
	struct temporary folder;
};
int gnuplot_begin(struct gnuplot *gnuplot, char *why);
/* Opens a file in the folder for appending. NULL: `why`. */
FILE *gnuplot_file(const struct gnuplot *gnuplot, const char *name, char *why);
/* Closes a file that gnuplot_file() opened. 0 or -errno, and `why`. */
int gnuplot_close(FILE *file, const char *name, char *why);
/*
 * Runs the script, which writes the file "figure". 0 or -errno, and `why`; -ENOPKG: gnuplot is not
 * installed.
 */
int gnuplot_run(const struct gnuplot *gnuplot, const char *script, char *why);
/* Copies scripts and data into the folder `out`.data, where gnuplot draws `out` from them again. */
int gnuplot_keep(const struct gnuplot *gnuplot, const char *out, char *why);
/* The path of "figure". */
const char *gnuplot_figure(const struct gnuplot *gnuplot, char *path, size_t size);
/* Writes "figure" to `out`, as replace_file() does. */
int gnuplot_replace_file(const struct gnuplot *gnuplot, const char *out, char *why);
void gnuplot_end(struct gnuplot *gnuplot);

#endif
