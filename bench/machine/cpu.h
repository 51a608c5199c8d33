/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU that this process runs on, from CPUID, and the rate of its TSC. */
#ifndef BENCH_MACHINE_CPU_H
#define BENCH_MACHINE_CPU_H

#include <stdbool.h>

#include "../../trace/types.h"

struct cpu {
	char vendor[13], brand[49];
	u32 family, model, stepping; /* DisplayFamily, DisplayModel: with the extended fields */
	bool vmx, svm;
	bool tsc_invariant;
	bool virtual;	     /* CPUID.1:ECX[31]: a hypervisor is present */
	char hypervisor[13]; /* its signature, leaf 40000000H; "": it has none */
};

void cpu_read(struct cpu *cpu);

/* CPUID.1:EAX to display family, model, stepping (Intel SDM Vol. 2A, CPUID; AMD APM Vol. 3). */
void cpu_signature(u32 eax, u32 *family, u32 *model, u32 *stepping);

/* From generations.def. NULL: a name that is not known; false: neither is. */
bool cpu_generation(const char *vendor, u32 family, u32 model, u32 stepping,
		    const char **microarchitecture, const char **codename);

/* "KVMKVMKVM" -> "KVM"; NULL: unknown signature. */
const char *cpu_hypervisor_name(const char *signature);

/* TSC ticks per second, and the source of the value as text; 0 and NULL: not known. */
double cpu_tsc_hz(const char **source);

#endif
