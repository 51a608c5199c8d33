/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for gnuplot, and for TeX behind it. */
#ifndef ANALYSIS_PLOT_TEXT_H
#define ANALYSIS_PLOT_TEXT_H

#include "figure.h"

/* Writes `text` in single quotes. */
void plot_quote(FILE *file, const char *text);
/*
 * Text from runs, escaped for the terminal. `tic`: a tic's label, which gnuplot takes as a format.
 */
void plot_text(const struct figure *figure, FILE *file, const char *text, bool tic);
void plot_words(const struct figure *figure, FILE *file, const char *text); /* not a tic's label */
void plot_assign(const struct figure *figure, FILE *file, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
