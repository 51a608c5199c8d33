/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the targets have in common that boot the image in an emulator. */
#ifndef BENCH_TARGETS_BOOT_QUEUE_H
#define BENCH_TARGETS_BOOT_QUEUE_H

#include "boot.h"
#include "target.h"

void image_shape(const struct plan *plan, const struct storm *storm, struct hv_config *config);
/* What no boot is needed for to know: whatever the CPU is, and with its vendor. */
int image_fits(const struct plan *plan, const struct storm *storm, char *why);
int image_available(const struct plan *plan, const struct storm *storm, enum hv_vendor vendor,
		    char *why);
/* True, and why: QEMU's emulator cannot do it, whatever runs it there. */
bool image_hangs_tcg(const struct storm *storm, char *why);
const char *image_site(const char *backend, enum leg leg);
/* As struct target has it. */
typedef int available_fn(const struct plan *plan, const struct storm *storm, char *why);
int image_run_all(const struct emulator *emulator, available_fn *available, const struct plan *plan,
		  const struct storm *const *storm, u32 count, const struct run_sink *sink,
		  const struct run_monitor *monitor);

#endif
