/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runs' names in the metadata of a figure's file, which gnuplot cannot set: a figure that is
 * passed on tells from which runs it was drawn.
 */
#ifndef ANALYSIS_PLOT_LABEL_H
#define ANALYSIS_PLOT_LABEL_H

#include "figure.h"

/* 0 or -errno, and `why`. */
int plot_label(const struct figure *figure, const char *path, char *why);

#endif
