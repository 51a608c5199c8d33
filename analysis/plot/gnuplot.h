/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gnuplot, run in a temporary folder. */
#ifndef ANALYSIS_PLOT_GNUPLOT_H
#define ANALYSIS_PLOT_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

/* A folder in which gnuplot works: names in it are ours, so nothing has to be quoted. */
struct gnuplot {
	char folder[64];
};
int gnuplot_begin(struct gnuplot *gnuplot, char *why);
/* Opened to be added to. NULL: why. */
FILE *gnuplot_file(const struct gnuplot *gnuplot, const char *name, char *why);
/* Closes a file of gnuplot_file's. */
int gnuplot_close(FILE *file, const char *name, char *why);
/* Runs the script; it leaves a file "figure". */
int gnuplot_run(const struct gnuplot *gnuplot, const char *script, char *why);
/* Leaves all that gnuplot read in the folder `out`.data, so that it draws `out` again there. */
int gnuplot_keep(const struct gnuplot *gnuplot, const char *out, char *why);
/* The path of "figure". */
const char *gnuplot_figure(const struct gnuplot *gnuplot, char *path, size_t size);
/* Puts "figure" where the user wants it, complete or not at all. */
int gnuplot_replace_file(const struct gnuplot *gnuplot, const char *out, char *why);
void gnuplot_end(struct gnuplot *gnuplot);

#endif
