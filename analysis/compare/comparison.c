// SPDX-License-Identifier: GPL-2.0-or-later
#include "comparison.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const compare_unit_name[] = {
	[COMPARE_TICKS] = "ticks",
	[COMPARE_NS] = "ns",
	[COMPARE_CYCLES] = "core cycles",
	[COMPARE_AUTO] = "auto",
};

const char *const unclear_reason_name[] = {
	[UNCLEAR_NOT] = "",	   [UNCLEAR_ONE] = "one value", [UNCLEAR_SPREAD] = "spread",
	[UNCLEAR_CLOCK] = "clock", [UNCLEAR_SERIAL] = "serial", [UNCLEAR_BUSY] = "busy",
};

int compare_omit(struct compare *compare, const char *storm, const char *format, ...)
{
	struct compare_omitted *grown;
	va_list args;

	grown = realloc(compare->omitted, (compare->omissions + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	compare->omitted = grown;
	grown += compare->omissions++;
	snprintf(grown->storm, sizeof(grown->storm), "%s", storm);
	va_start(args, format);
	vsnprintf(grown->why, sizeof(grown->why), format, args);
	va_end(args);
	return 0;
}

void compare_free(struct compare *compare)
{
	if (!compare)
		return;
	for (size_t i = 0; i < compare->rows; i++)
		free(compare->row[i].cell);
	free(compare->row);
	free(compare->omitted);
	free(compare);
}

bool compare_is_volatile(const char *path)
{
	return !strcmp(path, "host.steal_ticks");
}

const char *compare_inference(const struct compare *compare)
{
	return compare->boots ? "boot" : compare->groups ? "run" : "repeat";
}

bool compare_in_turn(const struct compare *compare, size_t input)
{
	const struct run *base = compare->input[compare->base].run[0];
	const char *turn = run_string(base, "in_turn");

	return !compare->groups && *turn &&
	       !strcmp(turn, run_string(compare->input[input].run[0], "in_turn"));
}
