/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the image share, and of them the module what is no bare metal's. */
#ifndef BENCH_AGENT_AGENT_H
#define BENCH_AGENT_AGENT_H

#include "../wire/wire.h"

/* sink.c: frames to image_put; from one CPU at a time, the others wait. */
void image_begin(void); /* where there may be more than one stream */
extern const struct run_sink image_sink;
extern const struct run_monitor image_monitor;
void image_send(u8 type, u16 storm, const void *payload, u32 bytes);
/* A repeat of the storm has been skipped or has failed. */
bool image_over(u32 storm);
/* The last frame. */
void image_send_end(s32 status, const char *why);

/* perform.c */
const struct hv_backend *image_backend(void); /* this CPU's */
void image_hello(struct wire_hello *hello, const struct hv_backend *backend, u32 cpus);
/* All that the plan asks for. On the first vCPU's CPU, with the backend on there. */
void image_perform(const struct wire_plan *plan, const struct hv_backend *backend, u32 cpus);

/* What each main.c supplies. */
void image_put(const void *data, u32 bytes);
/* Frames that belong together are put between lock and unlock: other CPUs wait. */
void image_line_lock(void);
void image_line_unlock(void);
bool image_stopped(void);
void image_relax(void);
void image_wake(void *vm, u32 vcpu); /* struct runner_group, wake */
/* The vCPUs that run from now on; NULL: none do any more. */
void image_watchdog(struct runner *runners, u32 count);
/* Has `run` executed on the CPU of a vCPU, which is not the first one. */
void image_cpu_run(u32 vcpu, void (*run)(void *arg), void *arg);
void image_cpu_wait(u32 vcpu);

#endif
