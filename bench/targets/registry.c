// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../module/uapi.h"
#include "module_device.h"

const struct target *const targets[] = {&target_kvm,   &target_guest, &target_module,
					&target_bochs, &target_qemu,  &target_metal,
					NULL};

const struct target *target_find(const char *name)
{
	for (int i = 0; targets[i]; i++)
		if (!strcmp(targets[i]->name, name))
			return targets[i];
	return NULL;
}

const struct target *target_default(char *why)
{
	char reason[HV_WHY], inside[HV_WHY];

	/* The module is loaded only on request: its presence is a choice. */
	if (!access(EXITSTORM_DEVICE, F_OK) && module_in_place(reason))
		return &target_module;
	if (!target_kvm.probe(reason))
		return &target_kvm;
	if (!target_guest.probe(inside))
		return &target_guest;
	snprintf(why, HV_WHY, "%s", reason);
	return NULL;
}
