/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of this machine for `exitstorm doctor`: each finding has a level, a text, and commands. */
#ifndef BENCH_MACHINE_FINDINGS_H
#define BENCH_MACHINE_FINDINGS_H

#include <stddef.h>

#include "finding.h"

/*
 * Findings about KVM, the module, the CPU and the system, read from CPUID, /proc and /sys. Stores
 * at most `room` of them and returns the number stored.
 */
size_t findings_machine(struct finding *finding, size_t room);
/* The same for eBPF tracing and PMU counters; both are opened for a moment to find out. */
size_t findings_tracing(struct finding *finding, size_t room);

#endif
