/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bare metal: nothing is run from here. What boots there is written, what it sends is imported. */
#ifndef BENCH_TARGETS_METAL_H
#define BENCH_TARGETS_METAL_H

#include "target.h"

/*
 * Makes `folder`, which must not be there or be empty: image, plan, lines for GRUB, and in words how
 * to boot and what to do with what comes. Storms that cannot be had with this plan are left out.
 * 0, or -errno and why; then nothing is left.
 */
int metal_write(const struct plan *plan, const struct storm *const *storm, u32 count,
		const char *folder, char *why);

#endif
