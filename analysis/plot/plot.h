/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures of runs, drawn by gnuplot from the scripts in analysis/figures/, which are embedded. Each
 * says in itself what was measured where, with which clock, and how often.
 */
#ifndef ANALYSIS_PLOT_PLOT_H
#define ANALYSIS_PLOT_PLOT_H

#include "../../results/run.h"

#define PLOT_MAX_RUNS 64 /* kinds may take fewer */

#define PLOT_WIDTH_CM 16.0
#define PLOT_FONT_PT  7.0

struct plot_format {
	const char *name;     /* "pdf", also the file name's extension */
	const char *terminal; /* gnuplot's */
	const char *unit;     /* of its size */
	double per_cm;	      /* of that unit */
	double font, line,
		point; /* what makes texts, lines and points of all formats the same size */
	bool tex;      /* its texts are read by TeX */
};

/* NULL: unknown. plot_format_name and plot_kind_name: NULL past the last. */
const struct plot_format *plot_format_find(const char *name);
const char *plot_format_name(size_t index);
struct plot_kind;
const struct plot_kind *plot_kind_find(const char *name);
const char *plot_kind_name(size_t index);

struct plot {
	const struct plot_kind *kind;
	const struct plot_format *format;
	enum leg leg; /* LEGS: the round trip, or what stands for it in these runs */
	char *const *storm;
	size_t storms;	       /* 0: all, or as many as the figure can tell apart */
	const char *out;       /* a file, replaced when the figure is complete; "-": stdout */
	double width_cm;       /* 0: PLOT_WIDTH_CM */
	const char *font_name; /* NULL: Sans; TeX documents have their own */
	double font_pt;	       /* 0: PLOT_FONT_PT */
	bool data;	       /* leaves what it was drawn from in the folder `out`.data */
};

/* Letters, digits, blanks and "-". */
bool plot_font_ok(const char *name);

/*
 * 0, or -errno and one line in `why`. `note` says what was left out and why, or is "". Both have
 * RUN_WHY bytes. -EINVAL: the runs or storms do not go into one figure.
 */
int plot_draw(const struct plot *plot, struct run *const *run, size_t runs, char *note, char *why);

#endif
