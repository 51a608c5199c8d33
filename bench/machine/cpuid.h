/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of CPUID: the CPU's, or those of a made-up CPU. */
#ifndef BENCH_MACHINE_CPUID_H
#define BENCH_MACHINE_CPUID_H

#include <stddef.h>

#include "../../trace/types.h"

struct cpuid_leaf {
	u32 eax, ebx, ecx, edx;
};

struct cpuid_answer {
	u32 leaf, subleaf;
	struct cpuid_leaf registers;
};

struct cpuid_leaf cpuid_read(u32 leaf, u32 subleaf);

/*
 * These answers, and zeros to all other leaves. NULL: the CPU's own again. For tests alone: CPUID
 * is an instruction, which no folder of files can stand in for (sysfs_set_root()).
 */
void cpuid_pretend(const struct cpuid_answer *answer, size_t count);

#endif
