// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_store.h"

#include <string.h>

#include "../../analysis/store/compare.h"
#include "../../results/why.h"
#include "store_query.h"

static int print(const struct store_comparison *comparison, const struct compare_store *request)
{
	int error = request->json ? store_comparison_json(comparison, stdout)
				  : store_comparison_print(comparison, stdout, request->form,
							   request->width);

	return cli_finish(error ? cli_fail("%s", strerror(-error)) : STATUS_OK);
}

static int status_of(const struct store_comparison *comparison, const struct compare_store *request)
{
	const struct fail_above *limit = &request->fail_above;
	const struct fail_above_counts counts = {
		.regressions = store_regressions(comparison, limit->percent),
		.unclear = store_verdicts(comparison, VERDICT_UNCLEAR),
		.all = comparison->rows,
	};

	return fail_above_counted(limit, &counts);
}

static int compare(struct store *store, const struct query *query,
		   const struct compare_store *request)
{
	struct store_comparison comparison;
	char why[RUN_WHY];
	int status;

	if (store_compare(store, query, request->base, request->margin, &comparison, why))
		status = fail_above_refused(&request->fail_above, cli_fail("%s", why));
	else
		status = print(&comparison, request);
	if (status == STATUS_OK)
		status = status_of(&comparison, request);
	store_comparison_free(&comparison);
	return status;
}

int compare_store(const struct compare_store *request)
{
	struct store_query query = {.query = {.storms = request->storms, .leg = request->leg}};
	struct store store;
	char why[RUN_WHY];
	int status;

	if (store_open(request->path, &store, why))
		return cli_fail("%s", why);
	status = store_query_set(&query, &store, request->by, &request->where);
	if (status == STATUS_OK)
		status = compare(&store, &query.query, request);
	store_query_free(&query);
	store_close(&store);
	return status;
}
