/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CPUID says of the CPU that we run on, and how fast its TSC counts. */
#ifndef BENCH_MACHINE_CPU_H
#define BENCH_MACHINE_CPU_H

#include <stdbool.h>

#include "../../trace/types.h"

struct cpu {
	char vendor[13], brand[49];
	u32 family, model, stepping; /* display values: extended fields added */
	bool vmx, svm;
	bool tsc_invariant;
	bool virtual;	     /* CPUID.1:ECX[31]: a hypervisor is below */
	char hypervisor[13]; /* its signature, leaf 0x40000000; "" where it has none */
};

void cpu_read(struct cpu *cpu);

/* CPUID.1:EAX to display family, model, stepping (Intel SDM Vol. 2A, CPUID; AMD APM Vol. 3). */
void cpu_signature(u32 eax, u32 *family, u32 *model, u32 *stepping);

/* See generations.def. NULL for what is not known; false if nothing is. */
bool cpu_generation(const char *vendor, u32 family, u32 model, u32 stepping,
		    const char **microarchitecture, const char **codename);

/* "KVMKVMKVM" -> "KVM"; NULL: a signature that we do not know. */
const char *cpu_hypervisor_name(const char *signature);

/* TSC ticks a second and where we know it from, in words; 0 and NULL: not known. */
double cpu_tsc_hz(const char **source);

#endif
