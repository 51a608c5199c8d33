/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the targets that run the guest's code from this process. */
#ifndef BENCH_TARGETS_LOCAL_H
#define BENCH_TARGETS_LOCAL_H

#include "../runner/runner.h"

/*
 * The guest image, whose stamps have the fence of setting `fence`, and whose hypercall is VMMCALL
 * if asked for. Its size is that of guest_image. Valid until the next call; NULL: no memory.
 */
const u8 *local_image(u8 fence, bool vmmcall);
/* Reports this machine's TSC, which such guests have with an offset. 0, or the sink's error. */
int local_clock(const struct run_sink *sink);

#endif
