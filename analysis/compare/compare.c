// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "check.h"
#include "repetition.h"
#include "rows.h"
#include "verdict.h"

int compare_new(const struct compare_input *inputs, size_t count,
		const struct compare_options *options, struct compare **result, char *why)
{
	struct compare *compare = memory_new(1, sizeof(*compare));
	int error;

	*result = NULL;
	snprintf(why, RUN_WHY, "no memory");
	compare->input = inputs;
	compare->inputs = count;
	compare->base = options->base;
	compare->margin = options->margin;
	compare->quantile = options->quantile;
	compare->all_legs = options->all_legs;
	error = compare_check(compare, options, why);
	if (!error)
		compare->boots = compare_by_boots(compare);
	if (!error)
		error = compare_add_storms(compare, options, why);
	if (!error && !compare->rows) {
		error = -ENODATA;
		if (compare->omissions)
			snprintf(why, RUN_WHY, "no storm can be compared; %s: %s",
				 compare->omitted[0].storm, compare->omitted[0].why);
		else
			snprintf(why, RUN_WHY, "no storm can be compared: the runs have none");
	}
	if (!error)
		error = compare_decide(compare, options->force);
	if (error)
		compare_free(compare);
	else
		*result = compare;
	return error;
}
