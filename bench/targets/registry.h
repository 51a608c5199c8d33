/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of all targets, and the choice of one by name or by default. */
#ifndef BENCH_TARGETS_REGISTRY_H
#define BENCH_TARGETS_REGISTRY_H

#include "target.h"

extern const struct target *const targets[]; /* NULL at the end */
/* NULL: no target has this name. */
const struct target *target_find(const char *name);
/* The target of a run without -t. NULL, and why (HV_WHY bytes): none can be used here. */
const struct target *target_default(char *why);

#endif
