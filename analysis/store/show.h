/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups of a query as a table or JSON. */
#ifndef ANALYSIS_STORE_SHOW_H
#define ANALYSIS_STORE_SHOW_H

#include <stdio.h>

#include "../output/table.h"
#include "query.h"

/*
 * *groups: how many were found; nothing is printed if there are none. 0 or -errno and `why`.
 * `width` as in table_print().
 */
int store_print(struct store *store, const struct query *query, FILE *out, enum table_form form,
		int width, size_t *groups, char *why);
/* exitstorm-query/1, see results/README.md. */
int store_json(struct store *store, const struct query *query, FILE *out, size_t *groups,
	       char *why);

#endif
