/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of figure, -k. */
#ifndef ANALYSIS_PLOT_KINDS_H
#define ANALYSIS_PLOT_KINDS_H

#include <stddef.h>

#define PLOT_MAX_RUNS 64 /* kinds may take fewer */

struct plot_kind;
/* NULL: no such name; no such index. */
const struct plot_kind *plot_kind_find(const char *name);
const char *plot_kind_name(size_t index);

#endif
