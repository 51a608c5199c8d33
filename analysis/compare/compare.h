/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A comparison of runs, storm by storm. The unit of inference is the repeat; where the inputs are
 * groups of runs, it is the run. All comparisons of one call are one family of tests.
 */
#ifndef ANALYSIS_COMPARE_COMPARE_H
#define ANALYSIS_COMPARE_COMPARE_H

#include "comparison.h"

/*
 * 0, or -errno and why. -EDOM: the runs cannot be compared, `why` says how they differ; -ENODATA:
 * they share no storm. `inputs` must outlive the result.
 */
int compare_new(const struct compare_input *inputs, size_t count,
		const struct compare_options *options, struct compare **compare, char *why);

#endif
