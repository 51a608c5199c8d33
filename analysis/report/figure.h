/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as SVG within the page. */
#ifndef ANALYSIS_REPORT_FIGURE_H
#define ANALYSIS_REPORT_FIGURE_H

#include <stdio.h>

#include "../../results/run.h"
#include "../../results/temporary.h"
#include "../plot/store.h"

struct report_figures {
	struct temporary folder;
	size_t count; /* figures so far; ids begin with a figure's number */
	char *note;   /* RUN_WHY bytes: why figures are left out */
};
/* 0, or -errno and `why`; a kind that these runs have no data for is left out. */
int report_figure(struct report_figures *figures, const char *kind, struct run *const *run,
		  size_t runs, FILE *out, char *why);
/* The same of groups of a store. */
int report_store_figure(struct report_figures *figures, struct store *store,
			const struct query *query, enum plot_store_kind kind, FILE *out, char *why);

#endif
