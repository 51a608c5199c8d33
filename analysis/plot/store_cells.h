/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The groups of a store as cells of a figure: one for each group and storm. */
#ifndef ANALYSIS_PLOT_STORE_CELLS_H
#define ANALYSIS_PLOT_STORE_CELLS_H

#include <stdio.h>

#include "../store/query.h"

#define CELL_QUANTILES 5 /* minimum, p25, median, p75, maximum */

struct store_cell {
	size_t group, column; /* numbers of its group and of its storm, leg, site and clock */
	char *name;	      /* of the group */
	char storm[QUERY_TEXT], leg[QUERY_TEXT], site[QUERY_TEXT], clock[QUERY_TEXT];
	enum query_unit unit;
	double p50, low, high, p99; /* NAN: not known */
	double quantile[CELL_QUANTILES];
	size_t order;
};

struct store_cells {
	struct store_cell *cell; /* by storm, then in the order of the query */
	size_t count, groups, storms, runs, columns;
	/* Of a heatmap, by store_cells_relate(): groups in rows, several in one if they are many.
	 */
	size_t rows, per_row;
	double *percent; /* rows x columns; NAN: there is none */
	double range;	 /* of the colours, percent */
	char **row_name;
	const char **column_name;
};

int store_cells_read(struct store *store, const struct query *query, struct store_cells *cells,
		     char *why);
void store_cells_free(struct store_cells *cells);
/* Percent of each group's p50 above the median of its column; of several in a row the farthest. */
void store_cells_relate(struct store_cells *cells);
/* A line "column row percent" for each cell of the heatmap. */
void store_cells_put(const struct store_cells *cells, FILE *file);

/* Names for tics. */
const char *store_cells_name(const struct store_cells *cells, size_t cell);
const char *store_cells_row(const struct store_cells *cells, size_t row);
const char *store_cells_column(const struct store_cells *cells, size_t column);

#endif
