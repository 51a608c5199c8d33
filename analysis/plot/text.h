/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for gnuplot, and for TeX behind it. */
#ifndef ANALYSIS_PLOT_TEXT_H
#define ANALYSIS_PLOT_TEXT_H

#include "figure.h"

/* In single quotes, where gnuplot sees nothing special but the quote itself. */
void plot_quote(FILE *file, const char *text);
/* Words that come from runs, for whoever sets them. gnuplot takes a tic's label for a format. */
void plot_text(const struct figure *figure, FILE *file, const char *text, bool tic);
void plot_words(const struct figure *figure, FILE *file, const char *text); /* no tic */
void plot_assign(const struct figure *figure, FILE *file, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
