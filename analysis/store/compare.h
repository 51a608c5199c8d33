/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups of runs of a store, compared with one of them, storm by storm. The unit of inference is
 * that of the query: machines, else runs. Groups of the same machines are compared machine by
 * machine, which leaves out what differs between machines. Method and verdicts are those of
 * ../compare.
 */
#ifndef ANALYSIS_STORE_COMPARE_H
#define ANALYSIS_STORE_COMPARE_H

#include "../output/table.h"
#include "../stats/inference.h"
#include "query.h"

struct store_row {
	struct query_group group; /* without the units' values */
	struct query_figure base;
	struct shift shift; /* of logarithms; its low is NAN: one unit */
	double p;	    /* adjusted by Holm's method over all rows */
	enum verdict verdict;
};

struct store_comparison {
	const struct query *query;
	char base[QUERY_KEYS][QUERY_TEXT];
	double margin; /* of "same"; 0.01 is 1 % */
	struct store_row *row;
	size_t rows;
	size_t alone; /* storms of groups for which the base has no such figure */
};

/*
 * `base`: values of query->by, with commas between them; NULL: those of the first group. Rows are
 * in the order of the query. -ENOENT and `why`: there is no such group; -ENODATA: the base shares
 * no storm with another group. store_comparison_free() in any case.
 */
int store_compare(struct store *store, const struct query *query, const char *base, double margin,
		  struct store_comparison *comparison, char *why);
void store_comparison_free(struct store_comparison *comparison);

/* Rows that are slower by more than `percent`; of a verdict. */
size_t store_regressions(const struct store_comparison *comparison, double percent);
size_t store_verdicts(const struct store_comparison *comparison, enum verdict verdict);

int store_comparison_print(const struct store_comparison *comparison, FILE *out,
			   enum table_form form, int width);
int store_comparison_json(const struct store_comparison *comparison, FILE *out);

#endif
