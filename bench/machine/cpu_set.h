/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of CPUs of any number: cpu_set_t ends at CPU 1023. */
#ifndef BENCH_MACHINE_CPU_SET_H
#define BENCH_MACHINE_CPU_SET_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* Free them with CPU_FREE. *bytes is for the CPU_*_S macros and system calls. NULL: errno. */
cpu_set_t *cpu_set_allowed(size_t *bytes); /* the CPUs that this process may run on */
cpu_set_t *cpu_set_of(unsigned int cpu, size_t *bytes);

/* False also for a CPU that is past the end of the set. */
static inline bool cpu_set_has(unsigned int cpu, size_t bytes, const cpu_set_t *set)
{
	return cpu < 8 * bytes && CPU_ISSET_S(cpu, bytes, set);
}

#endif
