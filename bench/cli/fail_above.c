// SPDX-License-Identifier: GPL-2.0-or-later
#include "fail_above.h"

#include "../../analysis/compare/verdict.h"
#include "../../analysis/output/units.h"

const char *const fail_above_words[UNCLEAR_ALL] = {
	[UNCLEAR_OK] = "ok",
	[UNCLEAR_FAIL] = "fail",
};

int fail_above_check(const struct fail_above *limit)
{
	if (limit->percent < 0 && (limit->bisect || limit->unclear != UNCLEAR_ALL))
		return cli_usage("%s needs --fail-above", limit->bisect ? "--bisect" : "--unclear");
	return STATUS_OK;
}

static int undecided(const struct fail_above *limit)
{
	return limit->bisect ? STATUS_SKIP_COMMIT : STATUS_UNDECIDED;
}

int fail_above_refused(const struct fail_above *limit, int status)
{
	return limit->bisect ? undecided(limit) : status;
}

int fail_above_counted(const struct fail_above *limit, const struct fail_above_counts *counts)
{
	size_t unclear = counts->unclear, busy = counts->busy, all = counts->all;
	size_t lost = counts->lost, doubtful = counts->doubtful;
	char percent[32];

	if (limit->percent < 0)
		return STATUS_OK;
	if (busy)
		cli_warn("%zu of %zu comparisons are unclear: other processes used the CPUs, and "
			 "the runs' repeats did not alternate",
			 busy, all);
	if (counts->regressions) {
		cli_fail("slower by more than %s %%: %zu of %zu comparisons",
			 units_plain(percent, sizeof(percent), limit->percent), counts->regressions,
			 all);
		return STATUS_REGRESSION;
	}
	if (lost) {
		cli_fail("%zu storm%s of the base %s not measured", lost, lost == 1 ? "" : "s",
			 lost == 1 ? "was" : "were");
		return STATUS_FAILED;
	}
	if (doubtful) {
		cli_fail("%zu of %zu comparisons are unclear and may be slower by more than %s %%",
			 doubtful, all, units_plain(percent, sizeof(percent), limit->percent));
		return undecided(limit);
	}
	if (limit->gate)
		return STATUS_OK;
	if (limit->unclear != UNCLEAR_OK && unclear >= (limit->unclear == UNCLEAR_ALL ? all : 1)) {
		cli_fail("%zu of %zu comparisons have no verdict", unclear, all);
		return undecided(limit);
	}
	if (unclear > busy)
		cli_warn("%zu of %zu comparisons are unclear%s: they may be slower by more than "
			 "the limit",
			 unclear - busy, all, busy ? ", too" : "");
	return STATUS_OK;
}

int fail_above_status(const struct fail_above *limit, const struct compare *compare)
{
	const struct fail_above_counts counts = {
		.regressions = compare_regressions(compare, limit->percent),
		.unclear = compare_verdicts(compare, VERDICT_UNCLEAR),
		.busy = compare_unclear(compare, UNCLEAR_BUSY),
		.all = compare_cells(compare),
		.lost = compare_lost(compare),
		.doubtful = limit->gate ? compare_doubtful(compare, limit->percent) : 0,
	};

	return fail_above_counted(limit, &counts);
}
