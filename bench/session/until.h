/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `run --until`: repeats go on until the figures are known well enough. */
#ifndef BENCH_SESSION_UNTIL_H
#define BENCH_SESSION_UNTIL_H

#include "session_state.h"

/*
 * Half of the widest 95 % interval of all storms, in percent, without the clock's step,
 * which no repeat narrows; *storm: whose it is. With several variants of the ratios to the first,
 * by pairs. INFINITY: one is not known yet. 0: no storm has a figure.
 */
double until_widest(const struct session *session, const struct storm **storm);

#endif
