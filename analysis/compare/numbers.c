// SPDX-License-Identifier: GPL-2.0-or-later
#include "numbers.h"

#include <math.h>
#include <stdio.h>

#include "../output/units.h"

void compare_put_ratio(char *text, double log)
{
	double ratio = exp(log);

	if (isfinite(ratio) && ratio < 1e5)
		snprintf(text, COMPARE_CELL, "%.*f",
			 ratio < 9.9995	 ? 3
			 : ratio < 99.95 ? 2
					 : 0,
			 ratio);
	else
		units_short(text, COMPARE_CELL, ratio);
}

void compare_put_interval(char *text, const struct shift *shift)
{
	char low[COMPARE_CELL], high[COMPARE_CELL];

	compare_put_ratio(low, shift->low);
	compare_put_ratio(high, shift->high);
	snprintf(text, COMPARE_CELL, isnan(shift->low) ? "-" : "%.20s..%.20s", low, high);
}

void compare_put_verdict(char *text, const struct compare_cell *cell, bool groups)
{
	char number[COMPARE_CELL];

	if (cell->unclear_reason == UNCLEAR_NOT)
		snprintf(text, COMPARE_CELL, "%s", verdict_name[cell->verdict]);
	else if (cell->unclear_reason == UNCLEAR_ONE)
		snprintf(text, COMPARE_CELL, "unclear (1 %s)", groups ? "run" : "repeat");
	else if (cell->unclear_reason == UNCLEAR_SPREAD)
		snprintf(text, COMPARE_CELL, "unclear (%.20s)",
			 units_ticks(number, sizeof(number), cell->needed));
	else
		snprintf(text, COMPARE_CELL, "unclear (%s)",
			 unclear_reason_name[cell->unclear_reason]);
}

void compare_put_value(const struct compare *compare, char *text, double value)
{
	if (compare->unit == COMPARE_NS && value < 1e5)
		snprintf(text, COMPARE_CELL, "%.*f", value < 100 ? 2 : 1, value);
	else
		units_ticks(text, COMPARE_CELL, value);
}
