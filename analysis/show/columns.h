/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of a run's tables: their cells, and which of them a page has room for. */
#ifndef ANALYSIS_SHOW_COLUMNS_H
#define ANALYSIS_SHOW_COLUMNS_H

#include "../describe/groups.h"
#include "../describe/guest.h"
#include "../output/table.h"

#define SHOW_COLUMNS 17

struct show_view {
	const struct run *run;
	struct describe_mixed mixed; /* storms had different guests, so each row says its own */
};

struct show_layout {
	bool used[SHOW_COLUMNS];
	size_t width[SHOW_COLUMNS];
};

/*
 * Chooses the columns of all groups that have legs (or have none), as wide as their widest cell, so
 * that tables line up. `limit`: characters of a line (0: any number), for which columns are left
 * out by rank.
 */
void show_lay_out(const struct show_view *view, const struct group *groups, size_t count, bool legs,
		  int limit, struct show_layout *layout);
void show_add_columns(struct table *table, const struct show_layout *layout);
void show_add_rows(struct table *table, const struct show_view *view, const struct group *group,
		   const struct show_layout *layout);

#endif
