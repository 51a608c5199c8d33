/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of the groups of runs of a store, whose size does not grow with the number of runs. */
#ifndef ANALYSIS_REPORT_STORE_H
#define ANALYSIS_REPORT_STORE_H

#include <stdio.h>

#include "../store/query.h"

/*
 * `base` as for store_compare(). 0, or -errno and `why`; `note`: "", or why figures are left out.
 * Both have RUN_WHY bytes. -ENODATA: there are no groups. The caller checks `out`.
 */
int report_store(struct store *store, const struct query *query, const char *base, FILE *out,
		 char *note, char *why);

#endif
