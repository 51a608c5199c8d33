/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /dev/exitstorm for the targets that run storms in this machine's kernel: module, and guest. */
#ifndef BENCH_TARGETS_MODULE_DEVICE_H
#define BENCH_TARGETS_MODULE_DEVICE_H

#include "../wire/wire.h"
#include "target.h"

/*
 * Whether the loaded module runs storms in place, and can do so now: 0, or -errno and why (HV_WHY
 * bytes). -ENXIO: it is loaded, and runs them on raw VMX or SVM.
 */
int module_in_place(char *why);
/* The machine as the module has reported it; valid after module_in_place(). */
const struct wire_hello *module_hello(void);
/* target.run of a storm that is available. */
int module_storm(const struct plan *plan, const struct storm *storm, u16 repeat,
		 const struct run_sink *sink, const struct run_monitor *monitor);

#endif
