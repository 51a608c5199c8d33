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
	/* Of kinds with intervals: 95 % across the repeats. NAN: there is one repeat only. */
	double p50_low, p50_high, p99_low, p99_high;
};

/* Where a run stands on an axis of its own: how many vCPUs, which value of a setting. */
struct place {
	const struct run *run;
	double at;
	char label[64];
};

struct figure {
	const struct plot *plot;
	struct run *const *run;
	size_t runs;
	struct run **sorted;	      /* the runs by place */
	struct place *place;	      /* of each run, in the runs' order; NULL: kind has none */
	char place_name[64];	      /* what that axis is */
	bool place_number, place_log; /* numbers, else names */
	const char **storm;	      /* names, in the order of the figure */
	size_t storms;
	struct series *series;
	size_t count;
	enum leg leg;
	bool mean;    /* the leg is the mean of a batch */
	double scale; /* ticks to the figure's unit: 1, or ns a tick where runs' clocks differ */
	bool ns;      /* the unit is ns */
	double low, high; /* of the axis */
	const char *end;  /* the quantile that it ends past; NULL: it has all */
	bool log;
};

/* Which series share a file for gnuplot, "series1", "run1" or "storm1". */
enum per { PER_SERIES, PER_RUN, PER_STORM };

struct plot_kind {
	const char *name;
	const char *script, *script_name;
	enum per per;
	size_t most;	/* lines that can be told apart; 0: any number */
	size_t usual;	/* as many where the user names no storms */
	size_t runs;	/* at most */
	bool upright;	/* what was measured is the vertical axis */
	bool intervals; /* of p50 and p99, across repeats */
	bool samples;	/* drawn from records, not from histograms */
	bool time;	/* in ns where ticks are time */
	/* Gives each run its place and name. NULL: runs have none. 0 or -errno. */
	int (*places)(struct figure *figure, char *why);
	int (*data)(const struct figure *figure, const struct series *series,
		    const struct histogram *histogram, FILE *file, char *why);
	const char *caption;			       /* what is drawn, for the figure's caption */
	double (*height)(const struct figure *figure); /* of the panel, cm */
	size_t (*key_rows)(const struct figure *figure); /* of the legend, which has KEY_COLUMNS */
	/* The legs of each series end to end, from 0 on: not the figure's leg alone. */
	bool stacked;
};

extern const struct plot_kind plot_kinds[];

/* plot_lines.c: kinds whose vertical axis is what was measured, and generations. */
int plot_data_timeline(const struct figure *figure, const struct series *series,
		       const struct histogram *histogram, FILE *file, char *why);
int plot_data_line(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why);
int plot_data_generations(const struct figure *figure, const struct series *series,
			  const struct histogram *histogram, FILE *file, char *why);
int plot_places_vcpus(struct figure *figure, char *why);
int plot_places_setting(struct figure *figure, char *why);
int plot_places_cpu(struct figure *figure, char *why);

/* plot_parts.c: kinds that are stacked. */
#define PLOT_PARTS 8
int plot_data_legs(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why);
bool plot_has_parts(const struct run_storm *storm);
/* The parts that any bar of the figure has, in their order, into leg[PLOT_PARTS]; their number. */
size_t plot_parts(const struct figure *figure, enum leg *leg);
/* Their names and colours, for the legend; the names into words[], too. */
void plot_put_parts(const struct figure *figure, FILE *file, char *words, size_t size);
double plot_parts_sum(const struct series *series);
/* The leg that stands for the whole series: the figure's, but of a bar without it another. */
enum leg plot_leg(const struct figure *figure, const struct run_storm *storm);

/* Fills the quantiles of a series from its run's histogram, which is returned. 0 or -errno. */
int plot_load(const struct figure *figure, struct series *series, struct histogram *histogram,
	      char *why);
/* The intervals of a series. `histogram` is worked in. 0 or -errno. */
int plot_intervals(const struct figure *figure, struct series *series, struct histogram *histogram,
		   char *why);

/* plot_words.c */
/* In single quotes, where gnuplot sees nothing special but the quote itself. */
void plot_quote(FILE *file, const char *text);
/* Words that come from runs, for whoever sets them. gnuplot takes a tic's label for a format. */
void plot_text(const struct figure *figure, FILE *file, const char *text, bool tic);
void plot_words(const struct figure *figure, FILE *file, const char *text); /* no tic */
void plot_assign(const struct figure *figure, FILE *file, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* plot_axes.c: of what was measured, and of the runs' places. */
void plot_axes(const struct figure *figure, FILE *file);

/* plot_label.c: the runs' names into the file's own metadata. 0 or -errno. */
int plot_label(const struct figure *figure, const char *path, char *why);

/* plot_values.c */
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
/* Leaves all that gnuplot read in the folder `out`.data, so that it draws `out` again there. */
int gnuplot_keep(const struct gnuplot *gnuplot, const char *out, char *why);
/* The path of "figure". */
const char *gnuplot_figure(const struct gnuplot *gnuplot, char *path, size_t size);
/* Puts "figure" where the user wants it, complete or not at all. */
int gnuplot_deliver(const struct gnuplot *gnuplot, const char *out, char *why);
void gnuplot_end(struct gnuplot *gnuplot);

#endif
