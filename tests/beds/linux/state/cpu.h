/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a CPU that a guest or a VM exit may leave changed: registers, MSRs. */
#ifndef TESTS_BEDS_LINUX_STATE_CPU_H
#define TESTS_BEDS_LINUX_STATE_CPU_H

#include <linux/types.h>

#define CPU_STATE_LINES 72

struct cpu_state {
	u32 count;
	struct {
		const char *name;
		u64 value;
	} line[CPU_STATE_LINES];
};

/* Appends the state of the calling CPU to a struct cpu_state; of a type for smp_call_function. */
void cpu_state_read(void *state);
u64 cpu_dr(int number);

#endif
