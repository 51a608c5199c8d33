/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a plan on this machine's CPUs and sends the results as frames: the far side of bench/wire,
 * which image and module share. Freestanding.
 */
#ifndef BENCH_AGENT_AGENT_H
#define BENCH_AGENT_AGENT_H

#include "../wire/wire.h"

/* sink.c: sends frames by image_put. From any CPU; a lock orders them. */
void image_begin(void); /* starts a new stream */
extern const struct run_sink image_sink;
extern const struct run_monitor image_monitor;
void image_send(u8 type, u16 storm, const void *payload, u32 bytes);
/* Whether a repeat of the storm has been skipped or has failed. */
bool image_over(u32 storm);
/* Sends the END frame. */
void image_send_end(s32 status, const char *why);

/* perform.c */
const struct hv_backend *image_backend(void); /* this CPU's */
void image_hello(struct wire_hello *hello, const struct hv_backend *backend, u32 cpus);
/* Runs the plan. To be called on the first vCPU's CPU, with the backend enabled there. */
void image_perform(const struct wire_plan *plan, const struct hv_backend *backend, u32 cpus);

/* Supplied by image/main.c and by the module. */
void image_put(const void *data, u32 bytes);
/* Frames that belong together are put between lock and unlock: other CPUs wait. */
void image_line_lock(void);
void image_line_unlock(void);
bool image_stopped(void);
void image_relax(void);
void image_wake(void *vm, u32 vcpu); /* struct runner_group, wake */
/* For the watchdog: the vCPUs that run from now on; NULL: none. */
void image_watchdog(struct runner *runners, u32 count);
/* Calls run(arg) on the CPU of a vCPU other than the first one; returns at once. */
void image_cpu_run(u32 vcpu, void (*run)(void *arg), void *arg);
void image_cpu_wait(u32 vcpu);

#endif
