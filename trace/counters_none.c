// SPDX-License-Identifier: GPL-2.0-or-later
/* Replaces counters.c in builds without libperf. */
#include <errno.h>
#include <stdio.h>

#include "counters.h"

const char *const counters_missing =
	"this exitstorm was built without libperf: make setup, then make all";

int counters_open(struct counters **counters, const char *list, char *why)
{
	(void)list;
	*counters = NULL;
	snprintf(why, COUNTERS_WHY, "%s", counters_missing);
	return -EINVAL;
}

void counters_close(struct counters *counters)
{
	(void)counters;
}

void counters_begin(struct counters *counters)
{
	(void)counters;
}

void counters_end(struct counters *counters)
{
	(void)counters;
}

u32 counters_read(struct counters *counters, struct counter_value *value)
{
	(void)counters;
	(void)value;
	return 0;
}
