// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <errno.h>
#include <stdio.h>

bool target_offers(const struct target *target, const struct plan *plan, const struct storm *storm)
{
	u8 places = target->places ? target->places(plan) : 0;

	if (!places)
		return !(storm->needs & NEED_IN_PLACE);
	return places & storm->places && !(storm->needs & ASKED_ONLY);
}

int target_not_run(const struct storm *storm, u16 repeat, const struct run_sink *sink, int err,
		   const char *why)
{
	struct storm_result result = storm_result_not_run(
		storm - storms, repeat, err == -EOPNOTSUPP ? STORM_SKIPPED : STORM_FAILED);

	snprintf(result.why, sizeof(result.why), "%s", why);
	return sink->result(sink->arg, &result);
}
