// SPDX-License-Identifier: GPL-2.0-or-later
#include "alarms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/compare/compare.h"
#include "../../analysis/stats/rate.h"
#include "../../results/temporary.h"

struct alarm_counts {
	size_t comparisons, excluding, verdicts; /* excluding: 95 % intervals without 1 */
};

static void count(struct alarm_counts *counts, const struct compare *compare)
{
	for (size_t i = 0; i < compare->rows; i++) {
		const struct compare_cell *cell = &compare->row[i].cell[1];

		if (!cell->there || !(cell->shift.low <= cell->shift.high))
			continue; /* no interval: no comparison */
		counts->comparisons++;
		counts->excluding += cell->shift.low > 0 || cell->shift.high < 0;
		counts->verdicts +=
			cell->verdict == VERDICT_FASTER || cell->verdict == VERDICT_SLOWER;
	}
}

static int compare_pair(const struct session *session, struct alarm_counts *counts)
{
	static const struct compare_options how = {
		.margin = COMPARE_MARGIN, .unit = COMPARE_TICKS, .leg = LEGS};
	struct compare_input input[2] = {{.label = "1", .runs = 1}, {.label = "2", .runs = 1}};
	struct compare *compare = NULL;
	struct run *run[2] = {NULL, NULL};
	char why[RUN_WHY];
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		err = run_open(session->variant[i].path, &run[i], why);
		input[i].run = &run[i];
	}
	if (!err)
		err = compare_new(input, 2, &how, &compare, why);
	if (!err)
		count(counts, compare);
	if (compare)
		compare_free(compare);
	run_close(run[0]);
	run_close(run[1]);
	return err ? cli_fail("%s", why) : STATUS_OK;
}

static int measure_pair(struct session *session)
{
	char why[RUN_WHY];
	int err = session_open(session, why);

	if (!err)
		err = session_measure(session, why);
	if (err == -ECANCELED)
		return cli_fail("stopped");
	if (!err)
		err = session_commit(session, why);
	return err ? cli_fail("%s", why) : STATUS_OK;
}

static int one_pair(const struct request *request, const char *folder, u64 pair,
		    struct alarm_counts *counts)
{
	struct request own = *request;
	struct session session = {0};
	struct run *like;
	char path[PATH_MAX];
	int status;

	snprintf(path, sizeof(path), "%s/%llu", folder, (unsigned long long)pair);
	own.folder = path;
	own.vary = "null=1,2";
	status = request_session(&own, &session, &like);
	if (status == STATUS_OK)
		status = measure_pair(&session);
	if (status == STATUS_OK)
		status = compare_pair(&session, counts);
	session_close(&session);
	return status;
}

static void put_rate(const char *what, size_t hits, size_t tries)
{
	double low, high;

	rate_interval(hits, tries, &low, &high);
	printf("%-36s %4zu of %zu: %.1f %% (95 %%: %.1f to %.1f %%)\n", what, hits, tries,
	       100.0 * hits / tries, 100 * low, 100 * high);
}

static int report(const struct alarm_counts *counts, u64 pairs)
{
	double low, high;

	if (!counts->comparisons)
		return cli_fail("no storm was measured twice: there is nothing to compare");
	printf("A/A: %llu pairs of equal runs, their repeats in turn\n", (unsigned long long)pairs);
	put_rate("95 % intervals that exclude 1:", counts->excluding, counts->comparisons);
	put_rate("verdicts \"faster\" or \"slower\":", counts->verdicts, counts->comparisons);
	rate_interval(counts->excluding, counts->comparisons, &low, &high);
	if (low > INFERENCE_ALPHA)
		return cli_fail("more alarms than the 5 %% that the intervals promise");
	return STATUS_OK;
}

int alarms(const struct request *request, u64 pairs)
{
	struct alarm_counts counts = {0};
	struct temporary folder;
	int status = STATUS_OK;
	int err = temporary_folder(&folder, temporary_top(), "exitstorm-aa", 0700);

	if (err)
		return cli_fail("%s: no temporary folder: %s", temporary_top(), strerror(-err));
	for (u64 pair = 0; pair < pairs && status == STATUS_OK; pair++) {
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\rpair %llu of %llu ", (unsigned long long)pair + 1,
				(unsigned long long)pairs);
		status = one_pair(request, folder.path, pair, &counts);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	temporary_remove(&folder);
	return status == STATUS_OK ? report(&counts, pairs) : status;
}
