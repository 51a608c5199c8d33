/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which storms, leg and series a figure has. */
#ifndef ANALYSIS_PLOT_CHOOSE_H
#define ANALYSIS_PLOT_CHOOSE_H

#include "figure.h"

/* Allocates place, sorted, storm and series, which the caller frees. 0 or -errno, and `why`. */
int plot_choose(struct figure *figure, char *note, char *why);

#endif
