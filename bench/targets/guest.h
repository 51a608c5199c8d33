/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether there is something to measure for target guest. */
#ifndef BENCH_TARGETS_GUEST_H
#define BENCH_TARGETS_GUEST_H

#include "../../trace/types.h"

struct guest_facts {
	char below[256]; /* the hypervisor that shows itself; "": none */
	bool emulated;	 /* it is an emulator */
	u32 clock;	 /* enum clock_kind, of known sequences of instructions */
	u64 cpuid_ticks; /* min time of CPUID */
};

/* 0, or -EOPNOTSUPP and the reason in why[HV_WHY]. */
int guest_possible(const struct guest_facts *facts, char *why);

#endif
