/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A figure as it is requested. */
#ifndef ANALYSIS_PLOT_REQUEST_H
#define ANALYSIS_PLOT_REQUEST_H

#include "../../results/run.h"
#include "format.h"

struct plot_kind;

struct plot {
	const struct plot_kind *kind;
	const struct plot_format *format;
	enum leg leg; /* LEGS: the round trip, or the leg that these runs have in its place */
	const char *const *storm;
	size_t storms;	       /* 0: all, or as many as one figure shows clearly */
	const char *out;       /* a file, replaced when the figure is complete; "-": stdout */
	double width_cm;       /* 0: PLOT_WIDTH_CM */
	const char *font_name; /* NULL: Sans; TeX documents have their own */
	double font_pt;	       /* 0: PLOT_FONT_PT */
	bool data;	       /* also writes data and script into the folder `out`.data */
};

#endif
