// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../module/uapi.h"

const struct target *const targets[] = {&target_kvm,  &target_module, &target_bochs,
					&target_qemu, &target_metal,  NULL};

const struct target *target_find(const char *name)
{
	for (int i = 0; targets[i]; i++)
		if (!strcmp(targets[i]->name, name))
			return targets[i];
	return NULL;
}

int target_none(const struct storm *storm, u16 repeat, const struct run_sink *sink, int err,
		const char *why)
{
	struct storm_result result = {
		.size = sizeof(result),
		.storm = storm - storms,
		.repeat = repeat,
		.status = err == -EOPNOTSUPP ? STORM_SKIPPED : STORM_FAILED,
		.native = ~0U,
		.raw_reason = ~0U,
	};

	snprintf(result.why, sizeof(result.why), "%s", why);
	return sink->result(sink->arg, &result);
}

const struct target *target_default(char *why)
{
	char reason[HV_WHY];

	/* Nobody loads it but to use it. */
	if (!access(EXITSTORM_DEVICE, F_OK))
		return &target_module;
	if (!target_kvm.probe(reason))
		return &target_kvm;
	snprintf(why, HV_WHY, "%s", reason);
	return NULL;
}
