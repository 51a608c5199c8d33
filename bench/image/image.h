/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_IMAGE_IMAGE_H
#define BENCH_IMAGE_IMAGE_H

#include "../../trace/types.h"

/* `instructions`: the TSC counts them, so that a batch takes few ticks. Once, on the boot CPU. */
void watchdog_init(bool instructions);

#endif
