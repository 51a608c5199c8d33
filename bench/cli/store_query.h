/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --by and --where of the commands that read a store. */
#ifndef BENCH_CLI_STORE_QUERY_H
#define BENCH_CLI_STORE_QUERY_H

#include "../../analysis/store/query.h"
#include "cli.h"

struct store_query {
	struct query query;
	struct query_condition condition[OPTION_LIST_MAX];
	char *copy[OPTION_LIST_MAX], *keys; /* texts that the query points into */
};

/* Rows of option tables. */
#define STORE_QUERY_ROWS(type)                                                                    \
	{.name = "where",                                                                         \
	 .value = "PATH=VALUE",                                                                   \
	 .kind = OPTION_LIST,                                                                     \
	 .at = offsetof(type, where),                                                             \
	 .text = "of a store: only runs whose run.json has this value, or one that matches the "  \
		 "pattern (host.cpu.codename=Ice*, target.name=kvm,module); several must all "    \
		 "hold"},                                                                         \
	{                                                                                         \
		.name = "by", .value = "PATH,...", .kind = OPTION_TEXT, .at = offsetof(type, by), \
		.text = "of a store: a group for each value of these members of run.json "        \
			"(default: target.name)"                                                  \
	}

/* --store of commands that take runs, too. */
#define STORE_ROW(type)                                                                  \
	{                                                                                \
		.name = "store", .value = "FILE", .kind = OPTION_TEXT,                   \
		.at = offsetof(type, store), .complete = COMPLETE_FILE,                  \
		.text = "groups of runs of a store (exitstorm collect) in place of runs" \
	}

/*
 * Runs, or --store: one of both, and --by and --where with the latter only. STATUS_OK, or the
 * status after a message.
 */
int store_query_usage(const char *store, const char *by, const struct option_list *where, int runs);
/*
 * Opens the store and calls use() with the query. Returns its status, or that after a message.
 */
int store_query_use(const char *store, const char *by, const struct option_list *where,
		    struct query query,
		    int (*use)(void *arg, struct store *store, const struct query *query),
		    void *arg);
/*
 * Sets groups (`by` NULL: the default) and conditions. STATUS_OK, or the status after a message: no
 * run of the store has such a member. store_query_free() in any case.
 */
int store_query_set(struct store_query *query, struct store *store, const char *by,
		    const struct option_list *where);
void store_query_free(struct store_query *query);

#endif
