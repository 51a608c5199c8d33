// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <stdio.h>
#include <string.h>

const struct target *const targets[] = {&target_kvm, &target_bochs, &target_qemu, NULL};

const struct target *target_find(const char *name)
{
	for (int i = 0; targets[i]; i++)
		if (!strcmp(targets[i]->name, name))
			return targets[i];
	return NULL;
}

const struct target *target_default(char *why)
{
	char reason[HV_WHY];

	if (!target_kvm.probe(reason))
		return &target_kvm;
	snprintf(why, HV_WHY, "%s", reason);
	return NULL;
}
