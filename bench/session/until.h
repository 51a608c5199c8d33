/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `run --until`: repeats go on until the figures are known well enough. */
#ifndef BENCH_SESSION_UNTIL_H
#define BENCH_SESSION_UNTIL_H

#include "collect.h"

/*
 * Half of a storm's 95 % interval, in percent, without the clock's step, which no repeat narrows.
 * With a base that of the ratio, by pairs. INFINITY: it is not known yet.
 */
double until_half(const struct collect *base, const struct collect *collect,
		  const struct storm *storm);

#endif
