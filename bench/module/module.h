/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of exitstorm.ko share. */
#ifndef BENCH_MODULE_MODULE_H
#define BENCH_MODULE_MODULE_H

#include <linux/mm_types.h>

#include "uapi.h"

/* device.c */
int device_offer(void);
/* Ends the run, whoever has the device open. */
void device_withdraw(void);
bool device_gone(void);

/* run.c: there is one run at a time, of the one who has the device open. */
void run_init(void);
/* Begins with nothing in the ring. -EBUSY, -EINVAL, … */
int run_start(const struct wire_plan *plan, u32 seconds);
/* Ends it, if there is one, and waits until all is as it was. From any process context. */
void run_stop(void);
/* The same, and none begins (-EBUSY) until it is let go. */
void run_hold(bool hold);
bool run_uses_cpu(u32 cpu);
void run_info(struct exitstorm_info *info);

/* ring.c */
int ring_init(void);
void ring_exit(void);
void ring_reset(void);
void ring_over(void);
void ring_wake(void);
/* Whoever waits for something to read need not any more. */
void ring_gone(void);
int ring_map(struct vm_area_struct *area);
/* Until there is something to read, the run is over, or a tenth of a second has passed. -EINTR,
 * -ENODEV */
int ring_wait(void);

#endif
