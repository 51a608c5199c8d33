// SPDX-License-Identifier: GPL-2.0-or-later
#include "budget.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "../../results/memory.h"
#include "../machine/clock.h"
#include "session.h"

#define USUAL_EXITS 1000
#define MIN_EXITS   100
#define MAX_EXITS   1000000
#define FEW	    10
#define MANY	    100
#define RESERVE	    1.25 /* the plan has more repeats than the estimate: the time ends them */
#define PILOT	    100 /* operations of the first pilot; the second has PILOT_MORE times as many */
#define PILOT_MORE  4
#define PILOT_SHARE 0.1 /* of the time, for a first pilot that a second one may follow */

static double repeats_in(const struct budget_cost *cost, double seconds, double exits)
{
	return seconds / (cost->fixed + cost->each * exits);
}

/* The operations with which so many repeats fill the time. */
static double exits_for(const struct budget_cost *cost, double seconds, double repeats)
{
	return (seconds / repeats - cost->fixed) / cost->each;
}

struct budget budget_of(const struct budget_cost *cost, double seconds, u64 exits)
{
	double usual = repeats_in(cost, seconds, USUAL_EXITS), chosen = USUAL_EXITS, repeats;

	if (usual > MANY)
		chosen = fmin(exits_for(cost, seconds, MANY), MAX_EXITS);
	else if (usual < FEW)
		chosen = fmax(exits_for(cost, seconds, FEW), MIN_EXITS);
	if (exits)
		chosen = exits;
	repeats = ceil(repeats_in(cost, seconds, chosen) * RESERVE);
	return (struct budget){
		.exits = chosen,
		.repeats = fmin(fmax(repeats, SESSION_MIN_REPEATS), PLAN_MAX_REPEATS),
	};
}

/* One repeat of each storm of the first variant, of which nothing is kept. */
static int pilot(const struct session *session, u64 exits, double *seconds, char *why)
{
	struct session own = {.target = session->target, .storms = session->storms};
	double began;
	int err;

	own.storm = memory_new(own.storms, sizeof(*own.storm));
	memcpy(own.storm, session->storm, own.storms * sizeof(*own.storm));
	own.variant = memory_new(1, sizeof(*own.variant));
	own.variants = 1;
	own.variant->plan = session->variant[0].plan;
	own.variant->plan.exits = exits;
	own.variant->plan.repeats = 1;
	own.variant->plan.samples = 0;
	err = session_open(&own, why);
	began = clock_seconds();
	if (!err)
		err = session_measure(&own, why);
	*seconds = clock_seconds() - began;
	session_close(&own);
	return err;
}

int budget_plan(struct session *session, double seconds, bool exits_given, bool repeats_given,
		char *why)
{
	double began = clock_seconds(), few = 0, many = 0;
	struct budget_cost cost;
	struct budget budget;
	int err = pilot(session, PILOT, &few, why);

	/* Where that took long already, there is no time for more operations either. */
	many = few * PILOT_MORE;
	if (!err && few < PILOT_SHARE * seconds)
		err = pilot(session, PILOT * PILOT_MORE, &many, why);
	if (err)
		return err;
	cost.each = fmax((many - few) / (PILOT * (PILOT_MORE - 1)), 1e-9) * session->variants;
	cost.fixed = fmax(few * session->variants - cost.each * PILOT, 1e-6);
	session->time = fmax(seconds - (clock_seconds() - began), 1e-3);
	budget = budget_of(&cost, session->time, exits_given ? session->variant[0].plan.exits : 0);
	for (u32 i = 0; i < session->variants; i++) {
		session->variant[i].plan.exits = budget.exits;
		if (!repeats_given)
			session->variant[i].plan.repeats = budget.repeats;
	}
	return 0;
}

u32 budget_repeats(const struct plan *plan)
{
	return fmax(floor(plan->repeats / RESERVE), SESSION_MIN_REPEATS);
}
