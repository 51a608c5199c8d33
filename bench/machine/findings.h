/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of this machine for `exitstorm doctor`: each finding has a level, a text, and commands. */
#ifndef BENCH_MACHINE_FINDINGS_H
#define BENCH_MACHINE_FINDINGS_H

#include <stddef.h>

enum finding_level { FINDING_GOOD, FINDING_NOTE, FINDING_WARNING, FINDING_BLOCKER };
struct finding {
	enum finding_level level;
	const char *subject; /* one word: "kvm", "turbo", … */
	char text[256];	     /* the state of the machine, and its effect on timing */
	char help[256];	     /* the command that improves it, or "" */
	char undo[256];	     /* the command that reverts help, or "" */
};

/*
 * Findings about KVM, the module, the CPU and the system, read from CPUID, /proc and /sys. Stores
 * at most `room` of them and returns the number stored.
 */
size_t findings_machine(struct finding *finding, size_t room);
/* The same for eBPF tracing and PMU counters; both are opened for a moment to find out. */
size_t findings_tracing(struct finding *finding, size_t room);

#endif
