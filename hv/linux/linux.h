/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the Linux host beyond hv/host.h. */
#ifndef HV_LINUX_LINUX_H
#define HV_LINUX_LINUX_H

#include <linux/cpumask.h>

#include "../../trace/types.h"

int linux_host_init(void);
void linux_host_exit(void);
/* From before the first cpu_on to after the last cpu_off: a panic leaves VMX and SVM on all CPUs.
 */
void linux_emergency_begin(void);
void linux_emergency_end(void);
int linux_emergency_init(void);
void linux_emergency_exit(void);
/* Before and after all calls of host_faults. */
int linux_faults_init(void);
void linux_faults_exit(void);
/* After hv_kick: makes the CPU leave its batch, by an NMI if it has interrupts off. */
void linux_poke(u32 cpu, bool irqs_off);
/* 0, or -EBUSY and why: VMX or SVM is already on on one of these CPUs that is online. */
int linux_others(const struct cpumask *cpus, char *why, size_t size);

#endif
