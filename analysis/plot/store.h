/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures of groups of runs of a store. Their size does not grow with runs: a row is a group and a
 * storm, and a heatmap puts many groups into one row.
 */
#ifndef ANALYSIS_PLOT_STORE_H
#define ANALYSIS_PLOT_STORE_H

#include "../store/query.h"
#include "request.h"

enum plot_store_kind { STORE_GENERATIONS, STORE_BOX, STORE_HEATMAP, STORE_KINDS };
extern const char *const plot_store_kinds[STORE_KINDS];

/*
 * Draws with the format, output, width and font of `plot`. 0, or -errno and one line in `why`.
 * -EDOM: the groups have different clocks, or are too many for a row each; -ENODATA: there are
 * none; -ENOPKG: gnuplot is not installed.
 */
int plot_store(struct store *store, const struct query *query, enum plot_store_kind kind,
	       const struct plot *plot, char *why);

#endif
