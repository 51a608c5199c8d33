/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of a vCPU beside that of the machine that runs it. */
#ifndef ANALYSIS_JOIN_CLOCK_H
#define ANALYSIS_JOIN_CLOCK_H

#include <jansson.h>

#include "../../trace/record.h"

/*
 * guest's TSC = host's TSC * scaling + offset (Intel SDM Vol. 3C, "Time-Stamp Counter Offsetting"
 * and "Scaling"; AMD APM Vol. 2, TSC_OFFSET and TSC ratio).
 */
struct join_clock {
	bool known;
	u64 offset; /* two's complement, as in VMCS and VMCB */
	double scaling;
};

/* Of a member of trace.vcpus[] of run.json. Not known: the trace could not read it. */
struct join_clock join_clock_of(const json_t *vcpu);
/* The guest's time of a host's. */
u64 join_clock_guest(const struct join_clock *clock, u64 host);

#endif
