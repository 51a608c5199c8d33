/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --fail-above, --unclear and --bisect: the exit status of a comparison. */
#ifndef BENCH_CLI_FAIL_ABOVE_H
#define BENCH_CLI_FAIL_ABOVE_H

#include "../../analysis/compare/comparison.h"
#include "cli.h"

/* How comparisons without a verdict count. */
enum fail_unclear { UNCLEAR_OK, UNCLEAR_FAIL, UNCLEAR_ALL };
extern const char *const fail_above_words[UNCLEAR_ALL];

struct fail_above {
	double percent; /* < 0: not given */
	int unclear;
	bool bisect;
	bool gate; /* no verdict if any comparison may be slower by more */
};

#define FAIL_ABOVE_NONE                               \
	{                                             \
		.percent = -1, .unclear = UNCLEAR_ALL \
	}

#define FAIL_ABOVE_ROWS(type, member)                                                           \
	{.name = "fail-above",                                                                  \
	 .value = "PERCENT",                                                                    \
	 .kind = OPTION_PERCENT,                                                                \
	 .at = offsetof(type, member.percent),                                                  \
	 .low = 0,                                                                              \
	 .high = 1e6,                                                                           \
	 .text = "exit with status 3 if a storm is slower by more than this, 4 if all "         \
		 "comparisons "                                                                 \
		 "are unclear"},                                                                \
		{.name = "unclear",                                                             \
		 .value = "WHAT",                                                               \
		 .kind = OPTION_WORD,                                                           \
		 .at = offsetof(type, member.unclear),                                          \
		 .words = fail_above_words,                                                     \
		 .word_count = UNCLEAR_ALL,                                                     \
		 .text = "with --fail-above: status 4 if any comparison is unclear (fail), or " \
			 "never (ok)"},                                                         \
	{                                                                                       \
		.name = "bisect", .kind = OPTION_FLAG, .at = offsetof(type, member.bisect),     \
		.text = "with --fail-above: the status for 'git bisect run', 125 (skip this "   \
			"commit) where there is no verdict"                                     \
	}

/* STATUS_OK, or STATUS_USAGE after a message. */
int fail_above_check(const struct fail_above *limit);
struct fail_above_counts {
	size_t regressions, unclear, all;
	size_t busy;	 /* of the unclear ones: because of other load */
	size_t doubtful; /* of the unclear ones, for a gate: may be slower by more than the limit */
	size_t lost;	 /* storms of the base that another input has not measured */
};

/* The status of a comparison, after a line that says why it is not STATUS_OK. */
int fail_above_status(const struct fail_above *limit, const struct compare *compare);
/* The same by its counts. */
int fail_above_counted(const struct fail_above *limit, const struct fail_above_counts *counts);
/* The status of runs that cannot be compared: `status`, or that of a commit to skip. */
int fail_above_refused(const struct fail_above *limit, int status);

#endif
