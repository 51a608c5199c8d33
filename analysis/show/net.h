/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The net cost of operations: the round trip less that of the control loop. */
#ifndef ANALYSIS_SHOW_NET_H
#define ANALYSIS_SHOW_NET_H

#include <stdio.h>

#include "../../results/run.h"

/*
 * A table of the storms with both legs: the difference repeat by repeat, its 95 % interval, and the
 * bracket of the truth. 0, -ENODATA: there are none (runs of older versions), or -ENOMEM; the
 * caller checks `out`.
 */
int show_net(const struct run *run, FILE *out, int width);

#endif
