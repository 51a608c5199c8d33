/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bare metal: writes a bootable image and its plan. Its output is imported later (capture.h). */
#ifndef BENCH_TARGETS_METAL_H
#define BENCH_TARGETS_METAL_H

#include "target.h"

/*
 * Makes `folder`, which must not exist or must be empty, with the image, the plan, a grub.cfg and a
 * README. Storms that cannot run with this plan are left out. 0, or -errno and why; on an error
 * nothing remains.
 */
int metal_write(const struct plan *plan, const struct storm *const *storm, u32 count,
		const char *folder, char *why);

#endif
