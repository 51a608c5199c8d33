/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A figure while it is made, and the properties of its kind. */
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
	size_t run_index, storm_index; /* into figure.run, figure.storm */
	double scale;		       /* figure's units per tick */
	double base_scale;	       /* the same of the first run */
	double min, p01, p25, p50, p75, p90, p95, p99, p999,
		max; /* in the figure's unit; p01 is the 1 % quantile */
	/*
	 * The figures of p50 and of p99, as tables have them, with 95 % intervals across the
	 * repeats. NAN: there is none.
	 */
	double centre, centre_low, centre_high, tail, tail_low, tail_high;
};

/* A run's place on the horizontal axis: its number of vCPUs, or value of a setting. */
struct place {
	const struct run *run;
	double at;
	char label[64];
};

struct figure {
	const struct plot *plot;
	struct run *const *run;
	size_t runs;
	struct run **sorted; /* the runs, sorted by place */
	struct place *place; /* one per run, in the order of `run`; NULL: the kind has none */
	char place_name[64]; /* title of the horizontal axis */
	bool place_number, place_log; /* the places are numbers, not names; on a logarithmic axis */
	const char **storm;	      /* names, in the order of the figure */
	size_t storms;
	struct series *series;
	size_t count;
	enum leg leg;
	bool ns;	  /* the figure's unit is ns, not ticks */
	double low, high; /* range of the axis of ticks or time */
	const char *end;  /* the quantile at which the axis ends; NULL: it shows all values */
	bool log;
};

/* Series that share a data file: "series1", "run1" or "storm1". */
enum per { PER_SERIES, PER_RUN, PER_STORM };

struct plot_kind {
	const char *name;
	const char *script, *script_name;
	enum per per;
	size_t max_lines;     /* maximum number of lines; 0: any number */
	size_t default_lines; /* default number of lines */
	size_t max_runs;      /* maximum number of runs */
	bool upright;	      /* the vertical axis has ticks or time */
	bool intervals;	      /* has intervals of p50 and p99 */
	bool samples;	      /* drawn from records, not from histograms */
	bool against_first;   /* other runs against the first one, which has no series */
	bool time;	      /* in ns if the clock is a TSC of known rate */
	/* Sets each run's place and label. NULL: the kind has no places. 0 or -errno. */
	int (*places)(struct figure *figure, char *why);
	int (*data)(const struct figure *figure, const struct series *series,
		    const struct histogram *histogram, FILE *file, char *why);
	const char *caption;			       /* explains the marks */
	double (*height)(const struct figure *figure); /* of the drawing area, cm */
	size_t (*key_rows)(
		const struct figure *figure); /* of the legend, with KEY_COLUMNS columns */
	/* Draws the legs of each series end to end, from 0 on. */
	bool stacked;
};

#endif
