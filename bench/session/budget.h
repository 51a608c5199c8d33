/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `run --time`: operations and repeats that fill a time. */
#ifndef BENCH_SESSION_BUDGET_H
#define BENCH_SESSION_BUDGET_H

#include "session_state.h"

/* Seconds that a repeat of all storms and variants takes, as a function of its operations. */
struct budget_cost {
	double fixed, each;
};

struct budget {
	u64 exits;
	u32 repeats;
};

/*
 * 1,000 operations where that gives 10 to 100 repeats. Fewer where it gives less, because the
 * repeat is the unit of inference; more where it gives more. exits > 0: these are given.
 */
struct budget budget_of(const struct budget_cost *cost, double seconds, u64 exits);

/*
 * Before session_open(): measures each storm twice, briefly, and sets the plans, and
 * session->time to what is left of `seconds`. 0; -ECANCELED; other -errno and why.
 */
int budget_plan(struct session *session, double seconds, bool exits_given, bool repeats_given,
		char *why);
/* The repeats that are expected of such a plan, without its reserve. */
u32 budget_repeats(const struct plan *plan);

#endif
