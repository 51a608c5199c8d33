/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target{}.clock of run.json: a target's claim, held against the finding of trace/clock_check.h. */
#ifndef BENCH_SESSION_CLOCK_CHECK_H
#define BENCH_SESSION_CLOCK_CHECK_H

#include <jansson.h>

#include "../../trace/clock_check.h"

/*
 * Sets clock, emulated, clock_granularity and clock_check of a target{} that has its claim as
 * clock. The label becomes the finding, except that a claim of emulated-tsc, the weakest one,
 * stays, and that instructions on one CPU in coarser steps than claimed are emulated-tsc. NULL: no
 * finding, the claim stays and clock_check is null.
 */
void clock_check_apply(json_t *target, const struct clock_finding *finding);
/* A warning in text if the label of target{} is not its claim; else "". Returns text. */
char *clock_check_warning(const json_t *target, char *text, size_t size);

#endif
