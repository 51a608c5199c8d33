/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target.run_all of the targets that boot the image in an emulator. */
#ifndef BENCH_TARGETS_BOOT_QUEUE_H
#define BENCH_TARGETS_BOOT_QUEUE_H

#include "boot.h"
#include "target.h"

/* As target.available. */
typedef int available_fn(const struct plan *plan, const struct storm *storm, char *why);
/* Distributes the storms over boots, runs the boots, and starts storms again that a boot lost. */
int boot_queue_run(const struct emulator *emulator, available_fn *available,
		   const struct plan *plan, const struct storm *const *storm, u32 count, u16 first,
		   const struct run_sink *sink, const struct run_monitor *monitor);

#endif
