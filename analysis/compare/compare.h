/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs beside each other, storm by storm. The unit of inference is the repeat; where the inputs are
 * groups of runs, the run. Everything that one call compares is one family of tests.
 */
#ifndef ANALYSIS_COMPARE_COMPARE_H
#define ANALYSIS_COMPARE_COMPARE_H

#include "comparison.h"

/*
 * 0, or -errno and why: -EINVAL: the runs cannot be set beside each other (why says what differs);
 * -ENODATA: they share no storm. The inputs stay the caller's, and must outlive the result.
 */
int compare_new(const struct compare_input *inputs, size_t count,
		const struct compare_options *options, struct compare **compare, char *why);

#endif
