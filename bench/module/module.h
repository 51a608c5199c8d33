/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of exitstorm.ko share. */
#ifndef BENCH_MODULE_MODULE_H
#define BENCH_MODULE_MODULE_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/poll.h>

#include "uapi.h"

/* run.c: there is one run at a time, of the one who has the device open. */
int run_init(void);
void run_exit(void);
/* Begins with nothing in the ring. -EBUSY, -EINVAL, … */
int run_start(const struct wire_plan *plan, u32 seconds);
/* Ends it, if there is one, and waits until all is as it was. From any process context. */
void run_stop(void);
bool run_uses_cpu(u32 cpu);
void run_info(struct exitstorm_info *info);

/* ring.c */
int ring_init(void);
void ring_exit(void);
void ring_reset(void);
void ring_over(void);
void ring_wake(void);
int ring_map(struct vm_area_struct *area);
__poll_t ring_poll(struct file *file, poll_table *table);

#endif
