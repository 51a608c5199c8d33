// SPDX-License-Identifier: GPL-2.0-or-later
#include "kvm_kind.h"

#include <string.h>

#include "cpu.h"
#include "sysfs.h"

/*
 * Only one vendor module can serve /dev/kvm, and one that finds no hardware is not loaded. A kernel
 * that has them built in shows their folders in any case, without a file "initstate": then the CPU
 * decides.
 */
const char *kvm_module(void)
{
	static const char *const modules[] = {"kvm_intel", "kvm_amd", "kvm_pvm"};
	const char *built_in = NULL, *only = NULL;
	size_t there = 0;
	struct cpu cpu;

	cpu_read(&cpu);
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
		bool hardware = !strcmp(modules[i], "kvm_intel") ? cpu.vmx
				: !strcmp(modules[i], "kvm_amd") ? cpu.svm
								 : !cpu.vmx && !cpu.svm;

		if (!sysfs_exists("/sys/module/%s", modules[i]))
			continue;
		if (sysfs_exists("/sys/module/%s/initstate", modules[i]))
			return modules[i];
		only = modules[i];
		there++;
		if (hardware && !built_in)
			built_in = modules[i];
	}
	return built_in ? built_in : there == 1 ? only : NULL;
}

const char *kvm_kind(const char *module)
{
	return module && !strcmp(module, "kvm_pvm") ? "kvm-pvm" : module;
}
