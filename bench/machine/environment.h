/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine is and what on it disturbs timing: host{} of run.json, and doctor's findings. */
#ifndef BENCH_MACHINE_ENVIRONMENT_H
#define BENCH_MACHINE_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>

/* host{} as DESIGN: cpu{}, kernel, cmdline, hypervisor, mitigations{} … What cannot be read is
 * null. */
json_t *environment_host(bool anonymous);
double environment_tsc_hz(void); /* 0: unknown */

/* Parts of it for doctor. False, -1: cannot be read. */
bool environment_hypervisor(char *text, size_t size); /* false: none below */
bool environment_emulated(void);		    /* the CPU is software: so are all its ticks */
bool environment_governor(char *text, size_t size); /* "powersave", or several: "a, b" */
int environment_turbo(void);
/* user nice system idle iowait irq softirq steal of all CPUs since boot, in USER_HZ. */
bool environment_stat(unsigned long long ticks[8]);

enum finding_level { FINDING_GOOD, FINDING_NOTE, FINDING_WARNING, FINDING_BLOCKER };
struct finding {
	enum finding_level level;
	const char *subject; /* a word: "kvm", "turbo", … */
	char text[256];	     /* what is so, and what it does to timing */
	char help[256];	     /* the command that helps, or "" */
	char undo[256];	     /* the command that undoes it, or "" */
};
/* Fills at most `room` findings, returns how many. */
size_t environment_findings(struct finding *finding, size_t room);
/* The same of eBPF and PMU, which are tried. */
size_t environment_tracing(struct finding *finding, size_t room);
/* Default CPUs: one thread a core, CPU 0 last. Returns how many, at most `room`. */
size_t environment_cpus(unsigned short *cpu, size_t room);

#endif
