/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A figure under way, and the properties of its kind. */
#ifndef ANALYSIS_PLOT_FIGURE_H
#define ANALYSIS_PLOT_FIGURE_H

#include <stdio.h>

#include "request.h"

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

#endif
