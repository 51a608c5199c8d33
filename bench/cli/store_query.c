// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_query.h"

#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../../results/why.h"

/* STATUS_OK: some run of the store has such a member. */
static int check_path(struct store *store, const char *option, const char *path)
{
	char why[RUN_WHY], **paths = NULL;
	const char *nearest;
	int there = store_has(store, path, &paths, why), status;
	size_t count = 0;

	if (there < 0)
		return cli_fail("%s", why);
	if (there)
		return STATUS_OK;
	while (paths[count])
		count++;
	nearest = cli_nearest(path, (const char *const *)paths, count);
	status = cli_usage("%s: no run of the store has '%s'%s%s%s", option, path,
			   nearest ? ", did you mean '" : "", nearest ? nearest : "",
			   nearest ? "'?" : "");
	free(paths);
	return status;
}

/* Splits `text` at its commas, in place. */
static int set_keys(struct store *store, struct query *query, char *text)
{
	int status = STATUS_OK;
	char *key;

	while (status == STATUS_OK && (key = strsep(&text, ","))) {
		if (query->keys == QUERY_KEYS)
			return cli_usage("--by: more than %d paths", QUERY_KEYS);
		status = check_path(store, "--by", key);
		query->by[query->keys++] = key;
	}
	return status;
}

static int set_conditions(struct store *store, struct store_query *query,
			  const struct option_list *where)
{
	int status = STATUS_OK;

	query->query.where = query->condition;
	for (int i = 0; status == STATUS_OK && i < where->count; i++) {
		char *copy = query->copy[i] = memory_text(where->item[i]),
		     *value = strchr(copy, '=');

		if (!value || value == copy)
			return cli_usage("--where: '%s' is not PATH=VALUE", where->item[i]);
		*value = '\0';
		query->condition[query->query.conditions++] =
			(struct query_condition){.key = copy, .value = value + 1};
		status = check_path(store, "--where", copy);
	}
	return status;
}

int store_query_set(struct store_query *query, struct store *store, const char *by,
		    const struct option_list *where)
{
	int status;

	query->keys = memory_text(by ? by : "target.name");
	status = set_keys(store, &query->query, query->keys);
	return status == STATUS_OK ? set_conditions(store, query, where) : status;
}

void store_query_free(struct store_query *query)
{
	for (size_t i = 0; i < OPTION_LIST_MAX; i++)
		free(query->copy[i]);
	free(query->keys);
}

int store_query_usage(const char *store, const char *by, const struct option_list *where, int runs)
{
	if (store && runs)
		return cli_usage("--store takes no runs");
	if (!store && (by || where->count))
		return cli_usage("%s needs --store", by ? "--by" : "--where");
	if (!store && !runs)
		return cli_usage("operand RUN... is missing");
	return STATUS_OK;
}

int store_query_use(const char *path, const char *by, const struct option_list *where,
		    struct query query,
		    int (*use)(void *arg, struct store *store, const struct query *query),
		    void *arg)
{
	struct store_query own = {.query = query};
	struct store store;
	char why[RUN_WHY];
	int status;

	if (store_open(path, &store, why))
		return cli_fail("%s", why);
	status = store_query_set(&own, &store, by, where);
	if (status == STATUS_OK)
		status = use(arg, &store, &own.query);
	store_query_free(&own);
	store_close(&store);
	return status;
}
