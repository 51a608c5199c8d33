/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file formats of figures, as gnuplot's terminals. */
#ifndef ANALYSIS_PLOT_FORMAT_H
#define ANALYSIS_PLOT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* The defaults. */
#define PLOT_WIDTH_CM 16
#define PLOT_FONT     "Sans"
#define PLOT_FONT_PT  7

struct plot_format {
	const char *name;	  /* "pdf", also the file name's extension */
	const char *terminal;	  /* in gnuplot */
	const char *unit;	  /* unit of the terminal's size */
	double per_cm;		  /* units per cm */
	double font, line, point; /* sizes at which all formats look alike */
	bool tex;		  /* TeX typesets its text */
};

/* NULL: no such name; no such index. */
const struct plot_format *plot_format_find(const char *name);
const char *plot_format_name(size_t index);
/* Is it a font's name of letters, digits, blanks and "-"? */
bool plot_font_ok(const char *name);

#endif
