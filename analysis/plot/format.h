/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file formats of figures, as gnuplot's terminals. */
#ifndef ANALYSIS_PLOT_FORMAT_H
#define ANALYSIS_PLOT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

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

/* NULL: unknown; past the last. */
const struct plot_format *plot_format_find(const char *name);
const char *plot_format_name(size_t index);
/* Letters, digits, blanks and "-". */
bool plot_font_ok(const char *name);

#endif
