/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which test beds have executed a storm. */
#ifndef BENCH_TARGETS_TESTED_H
#define BENCH_TARGETS_TESTED_H

#include "../storms/storm.h"

/* Their names with blanks between them ("kvm bochs:skylake_x"); NULL: none has. */
const char *storm_tested(const struct storm *storm);

#endif
