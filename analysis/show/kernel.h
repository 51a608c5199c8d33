/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The legs that the kernel's own stamps (eBPF) divide exit and resume into. */
#ifndef ANALYSIS_SHOW_KERNEL_H
#define ANALYSIS_SHOW_KERNEL_H

#include "../../results/run.h"
#include "../output/table.h"

bool show_has_kernel(const struct run *run);
bool show_storm_has_kernel(const struct run_storm *storm);
/* Those that any storm has, in the order of a round trip; returns how many. */
size_t show_kernel_legs(const struct run *run, enum leg used[LEGS]);
/* NULL: no memory. */
struct table *show_kernel(const struct run *run);

#endif
