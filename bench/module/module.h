/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exitstorm.ko: functions that its files call of each other. */
#ifndef BENCH_MODULE_MODULE_H
#define BENCH_MODULE_MODULE_H

#include <linux/mm_types.h>

#include "uapi.h"

/* device.c. To be unregistered when no file is open. */
int chardev_register(void);
void chardev_unregister(void);

/* run.c: at most one run at a time, begun by the process that has the device open. */
/*
 * guest: the module's parameter. In place, storms run in this kernel: where it is not 0, or the CPU
 * has neither VMX nor SVM.
 */
void run_init(int guest);
bool run_in_place(void);
/*
 * Ends the run before, if there is one, and empties the ring. -EBUSY: run_hold; -EINVAL: the
 * plan names a CPU twice; -ENXIO: one of its CPUs is offline; -EOPNOTSUPP: irqs=on; -ENOMEM.
 */
int run_start(const struct wire_plan *plan, u32 seconds);
/* Ends the run, if there is one; returns when its threads are gone. May sleep. */
void run_stop(void);
/* As run_stop; while hold is true run_start fails with -EBUSY. */
void run_hold(bool hold);
bool run_uses_cpu(u32 cpu);
void run_info(struct exitstorm_info *info);

/* platform.c. cpu_of_vcpu stays in place until the threads have ended. */
struct task_struct;
void platform_begin(const u16 *cpu_of_vcpu);
/* agent_stopped is true from now on. */
void platform_stop(void);
/* Bound to the vCPU's CPU, and running. ERR_PTR. main ends with platform_wait_for_stop. */
struct task_struct *platform_thread(int (*main)(void *), void *arg, u32 vcpu);
/* Returns at kthread_stop, which needs a task that still exists. */
void platform_wait_for_stop(void);

/*
 * watchdog.c. cpu_of_vcpu stays in place until watchdog_stop. After `seconds`, or when a batch
 * hangs, all batches are ended and the runner's group is broken.
 */
void watchdog_init(void);
void watchdog_start(const u16 *cpu_of_vcpu, u32 cpus, bool irqs_off, u32 seconds);
/* At once, and each batch that begins from now on. */
void watchdog_end_batches(void);
void watchdog_stop(void);

/* ring.c: frames on their way to the process. One run fills it, ring_reset empties it. */
int ring_init(void);
void ring_exit(void);
void ring_reset(void);
/*
 * No frame follows: EXITSTORM_OVER_ENDED after ring_abort, else EXITSTORM_OVER_DONE. The first call
 * counts.
 */
void ring_over(void);
/* Ends waits for room; frames from now on are dropped. */
void ring_abort(void);
int ring_map(struct vm_area_struct *area);
/* Returns when there is something to read, when the run is over, or after 0.1 s. -EINTR: a
 * signal.
 */
int ring_wait(void);

#endif
