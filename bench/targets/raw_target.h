/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The common part of all targets that run storms on raw VMX or SVM, without KVM between. */
#ifndef BENCH_TARGETS_RAW_TARGET_H
#define BENCH_TARGETS_RAW_TARGET_H

#include "../wire/wire.h"
#include "target.h"

/* place=image: the loops run in the image itself. target.places */
bool raw_in_place(const struct plan *plan);
u8 raw_places(const struct plan *plan);
/* target.shape */
void raw_shape(const struct plan *plan, const struct storm *storm, struct hv_config *config);
/* Whether the storm fits the plan on any CPU, and on one of this vendor. 0, or -EOPNOTSUPP and why.
 */
int raw_fits(const struct plan *plan, const struct storm *storm, char *why);
int raw_available(const struct plan *plan, const struct storm *storm, enum hv_vendor vendor,
		  char *why);
/* True, and why: the storm would hang on QEMU's TCG, also if another target runs in it. */
bool tcg_hangs(const struct storm *storm, char *why);
/* target.site; backend: "vmx", "svm" or, in place, "none". */
const char *raw_site(const char *backend, enum leg leg);
/* target{}.clock of run.json for an enum clock_kind. */
const char *raw_clock_name(u32 clock);

#endif
