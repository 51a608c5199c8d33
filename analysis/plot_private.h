/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of plot share: plot.c (what is drawn), plot_data.c (files for gnuplot), gnuplot.c.
 */
#ifndef ANALYSIS_PLOT_PRIVATE_H
#define ANALYSIS_PLOT_PRIVATE_H

#include <stdio.h>

#include "plot.h"

#define PLOT_TEXT   256
#define KEY_COLUMNS 2

/* One storm of one run. */
struct series {
	const struct run *run;
	const struct run_storm *storm;
	size_t run_index, storm_index; /* storm_index: among the storms of the figure */
	double scale;		       /* ticks to the figure's unit */
	double min, p01, p25, p50, p75, p90, p95, p99, p999,
		max; /* in the figure's unit; p01: 1 % */
};

struct figure {
	const struct plot *plot;
	struct run *const *run;
	size_t runs;
	const char **storm; /* names, in the order of the figure */
	size_t storms;
	struct series *series;
	size_t count;
	enum leg leg;
	bool mean;    /* the leg is the mean of a batch */
	double scale; /* ticks to the figure's unit: 1, or ns a tick where runs' clocks differ */
	bool ns;      /* the unit is ns */
	double low, high; /* of the axis */
	const char *end;  /* the quantile that it ends past */
	bool log;
};

struct plot_kind {
	const char *name;
	const char *script, *script_name;
	size_t most; /* series that can be told apart; 0: any number */
	void (*data)(const struct figure *figure, const struct series *series,
		     const struct histogram *histogram, FILE *file);
	const char *caption;			       /* what is drawn, for the figure's caption */
	double (*height)(const struct figure *figure); /* of the panel, cm */
	size_t (*key_rows)(const struct figure *figure); /* of the legend, which has KEY_COLUMNS */
	/* Exit, handler and resume of each series, from 0 on: not the figure's leg alone. */
	bool stacked;
};

extern const struct plot_kind plot_kinds[];

/* The median of a leg in the figure's unit; 0: the series has no such leg. */
double plot_median(const struct series *series, enum leg leg);
/* Fills the quantiles of a series from its run's histogram, which is returned. 0 or -errno. */
int plot_load(const struct figure *figure, struct series *series, struct histogram *histogram,
	      char *why);
/* The figure's words and numbers, as gnuplot assigns them. 0 or -errno. */
int plot_values(const struct figure *figure, FILE *file);

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
/* Puts "figure" where the user wants it, complete or not at all. */
int gnuplot_deliver(const struct gnuplot *gnuplot, const char *out, char *why);
void gnuplot_end(struct gnuplot *gnuplot);

#endif
