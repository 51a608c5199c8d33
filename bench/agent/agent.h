/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a plan on this machine's CPUs and sends the results as frames: the far side of bench/wire,
 * which image and module share. Freestanding.
 */
#ifndef BENCH_AGENT_AGENT_H
#define BENCH_AGENT_AGENT_H

#include "../wire/wire.h"

/* sink.c: sends frames by agent_put. From any CPU; a lock orders them. */
void agent_begin(void); /* starts a new stream */
extern const struct run_sink agent_sink;
extern const struct run_monitor agent_monitor;
void agent_send(u8 type, u16 storm, const void *payload, u32 bytes);
/* Whether a repeat of the storm has been skipped or has failed. */
bool agent_over(u32 storm);
/* Sends the END frame. */
void agent_send_end(s32 status, const char *why);

/* perform.c */
const struct hv_backend *agent_backend(void); /* this CPU's */
void agent_hello(struct wire_hello *hello, const struct hv_backend *backend, u32 cpus);
/*
 * Runs the plan. To be called on the first vCPU's CPU, with the backend enabled there. 0; or
 * -EHWPOISON and why: a machine check has ended it.
 */
int agent_perform(const struct wire_plan *plan, const struct hv_backend *backend, char *why);

/* Supplied by image/main.c and by the module. */
void agent_put(const void *data, u32 bytes);
/* Frames that belong together are put between lock and unlock: other CPUs wait. */
void agent_line_lock(void);
void agent_line_unlock(void);
bool agent_stopped(void);
/* Has `wanted` CPUs run for vCPUs and signals, if there are so many. Returns how many do. */
u32 agent_cpus(u32 wanted);
void agent_relax(void);
void agent_wake(void *vm, u32 vcpu); /* struct runner_group, wake */
/* For the watchdog: the vCPUs that run from now on; NULL: none. And a batch of the calling CPU's.
 */
void agent_watchdog(struct runner *runners, u32 count);
void agent_batch_begins(void);
void agent_batch_ends(void);
/* Calls run(arg) on the CPU of a vCPU other than the first one; returns at once. */
void agent_cpu_run(u32 vcpu, void (*run)(void *arg), void *arg);
void agent_cpu_wait(u32 vcpu);

#endif
