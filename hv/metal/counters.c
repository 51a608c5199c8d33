// SPDX-License-Identifier: GPL-2.0-or-later
/* APERF, MPERF and the count of SMIs. Numbers of MSRs: Intel SDM Vol. 4; AMD PPR, the first two. */
#include "../host.h"
#include "metal.h"

#include "../cpu.h"

#define MSR_MPERF	 0xe7
#define MSR_APERF	 0xe8
#define MSR_SMI_COUNT	 0x34
#define CPUID_POWER	 6
#define POWER_ECX_APERF	 1
#define VENDOR_INTEL_EBX 0x756e6547 /* "Genu" of GenuineIntel */

static bool has_aperf, has_smi;

void metal_counters_init(void)
{
	u32 leaf[4], highest;
	bool intel;
	u64 value;

	cpu_cpuid(0, 0, leaf);
	highest = leaf[0];
	intel = leaf[1] == VENDOR_INTEL_EBX;
	cpu_cpuid(CPUID_POWER, 0, leaf);
	has_aperf = highest >= CPUID_POWER && leaf[2] & POWER_ECX_APERF &&
		    metal_rdmsr(MSR_APERF, &value) && metal_rdmsr(MSR_MPERF, &value);
	has_smi = intel && metal_rdmsr(MSR_SMI_COUNT, &value);
}

void host_counters(struct host_counters *now)
{
	*now = (struct host_counters){0};
	if (has_aperf) {
		now->aperf = cpu_rdmsr(MSR_APERF);
		now->mperf = cpu_rdmsr(MSR_MPERF);
	}
	if (has_smi)
		now->smi = (u32)cpu_rdmsr(MSR_SMI_COUNT);
}
