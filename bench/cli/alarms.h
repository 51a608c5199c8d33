/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rate of false alarms of `compare` on this machine, by pairs of equal runs. */
#ifndef BENCH_CLI_ALARMS_H
#define BENCH_CLI_ALARMS_H

#include "request.h"

#define ALARMS_PAIRS 20 /* the default */

/*
 * Makes `pairs` pairs of runs that differ in nothing (--vary null=1,2) in a temporary folder, compares
 * each, and prints how many comparisons call them different. Returns STATUS_OK, or STATUS_FAILED
 * after a message, also if the alarms are more than the 5 % that the intervals promise.
 */
int alarms(const struct request *request, u64 pairs);

#endif
