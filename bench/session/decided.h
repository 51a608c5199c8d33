/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the repeats of `exitstorm ab` may end. */
#ifndef BENCH_SESSION_DECIDED_H
#define BENCH_SESSION_DECIDED_H

#include "session_state.h"

/*
 * Each look at the data is a chance of a false alarm. With this level, looking after every second
 * one of 100 repeats adds less than 1 % to the 5 % of the final verdict (test_decided.c).
 */
#define DECIDED_ALPHA	0.001
#define DECIDED_REPEATS 8 /* fewer pairs cannot reach that level, but by chance */

/*
 * Is the difference of the pairs beyond doubt, or within the margin (0.01 is 1 %)? `p` is that of
 * the shift, adjusted for the number of storms.
 */
bool decided(const struct shift *shift, double p, double margin);
/*
 * How many storms of a session with two variants are not decided yet; *measured: how many have
 * figures.
 */
u32 decided_open(const struct session *session, double margin, u32 *measured);
/* The shift of a storm from variant 0 to 1, by pairs. */
void decided_shift(const struct session *session, const struct storm *storm, struct shift *shift);

#endif
