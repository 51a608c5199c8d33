/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hardware, kernel and settings of this machine: host{} of run.json. */
#ifndef BENCH_MACHINE_ENVIRONMENT_H
#define BENCH_MACHINE_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>

/* host{} of run.json, a new reference. Values that cannot be read are null. */
json_t *environment_host(bool anonymous);
#define ENVIRONMENT_BOOT_ID "/proc/sys/kernel/random/boot_id"
/* Sets host.not_known to what could not be read since the process began; to be called last. */
void environment_add_unread(json_t *host);
double environment_tsc_hz(void); /* 0: unknown */

/* The name of the hypervisor that this machine runs on. False: none. */
bool environment_hypervisor(char *text, size_t size);
/* True: the CPU is emulated (Bochs, TCG), so its ticks are not time. */
bool environment_emulated(void);
/* "powersave", or several: "a, b". False: there is no cpufreq. */
bool environment_governor(char *text, size_t size);
int environment_turbo(void); /* 1: on, 0: off, -1: cannot be read */
/*
 * Time of all CPUs since boot in ticks of USER_HZ: user, nice, system, idle, iowait, irq, softirq,
 * steal. False: cannot be read.
 */
bool environment_stat(unsigned long long ticks[8]);

/* The default CPUs of a run: one thread per core, CPU 0 last. Returns their number, max `room`. */
size_t environment_cpus(unsigned short *cpu, size_t room);

#endif
