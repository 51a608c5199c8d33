/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places of target guest other than this process. */
#ifndef BENCH_TARGETS_GUEST_PLACE_H
#define BENCH_TARGETS_GUEST_PLACE_H

#include "target.h"

/* place=kernel, by exitstorm.ko: as the functions of struct target. name: the target's. */
int guest_kernel_available(const struct plan *plan, const struct storm *storm, char *why);
json_t *guest_kernel_describe(const char *name);
int guest_kernel_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		     const struct run_sink *sink, const struct run_monitor *monitor);
/* A module that runs storms in place is loaded, and can do so. */
bool guest_kernel_ready(void);

#endif
