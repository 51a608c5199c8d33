/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hardware, kernel and settings of this machine: host{} of run.json. */
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

/* Default CPUs: one thread a core, CPU 0 last. Returns how many, at most `room`. */
size_t environment_cpus(unsigned short *cpu, size_t room);

#endif
