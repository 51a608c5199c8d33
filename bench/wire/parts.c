// SPDX-License-Identifier: GPL-2.0-or-later
#include "parts.h"

#include <errno.h>
#include <stdlib.h>

#include "../runner/legs.h"

/* Of all the parts that a plan can have the sum is below 2^63. */
#define MAX_COUNT (64 * PLAN_MAX_EXITS)
#define MAX_TICKS (1ULL << 62) /* JSON's integers are signed */

/* Bits of decoder_storm.arrived[]: one per leg and kind of histogram, and: */
#define RESULT (1U << 31)
_Static_assert(2 * LEGS <= 31, "a bit for each leg and kind of histogram");
_Static_assert(2 * LEGS < 31, "a bit per leg and kind, and one for the result");

bool parts_planned(const struct plan *plan, const struct decoder_storm *states, u16 storm,
		   const struct wire_part *part)
{
	return storm < storm_count && states[storm].planned && part->repeat < plan->repeats &&
	       part->vcpu < runner_vcpus(&storms[storm], plan) &&
	       !runner_is_partner(&storms[storm], part->vcpu) && part->status >= STORM_MEASURED &&
	       part->status <= STORM_FAILED;
}

/* The bits of a part; the plan is the same in all calls. NULL: no memory. */
static u32 *arrived(const struct plan *plan, struct decoder_storm *states, u16 storm,
		    const struct wire_part *part)
{
	struct decoder_storm *state = &states[storm];
	u32 vcpus = runner_vcpus(&storms[storm], plan);

	if (!state->arrived)
		state->arrived = calloc(plan->repeats, vcpus * sizeof(*state->arrived));
	return state->arrived ? &state->arrived[part->repeat * vcpus + part->vcpu] : NULL;
}

/* Takes note of one piece of a part. -EPROTO: it has arrived before, or after the result. */
static int arrive(const struct plan *plan, struct decoder_storm *states, u16 storm,
		  const struct wire_part *part, u32 bit)
{
	u32 *bits = arrived(plan, states, storm, part);

	if (!bits)
		return -ENOMEM;
	if (*bits & (bit | RESULT))
		return -EPROTO;
	*bits |= bit;
	return 0;
}

int parts_histogram(const struct plan *plan, struct decoder_storm *states, u16 storm,
		    const struct wire_histogram *head)
{
	u64 mean = head->count ? head->sum / head->count : 0;

	if (!parts_planned(plan, states, storm, &head->part) || head->clean > HISTOGRAM_BOTH ||
	    head->leg >= LEGS || !runner_has_leg(&storms[storm], plan, true, head->leg))
		return -EPROTO;
	if (!head->count || head->count > PLAN_MAX_EXITS || head->max > MAX_TICKS ||
	    mean < head->min || mean > head->max || (mean == head->max && head->sum % head->count))
		return -EPROTO;
	return arrive(plan, states, storm, &head->part,
		      (head->clean == HISTOGRAM_BOTH ? 3U : 1U << head->clean) << 2 * head->leg);
}

int parts_records(const struct plan *plan, struct decoder_storm *states, u16 storm,
		  const struct wire_part *part, u32 count)
{
	struct decoder_storm *state = &states[storm];

	if (!parts_planned(plan, states, storm, part) || count > plan->samples - state->records)
		return -EPROTO;
	state->records += count;
	return arrive(plan, states, storm, part, 0);
}

bool parts_result_valid(const struct storm_result *result)
{
	const u64 counts[] = {result->asked,
			      result->seen,
			      result->other,
			      result->disturbed,
			      result->lost,
			      result->smi,
			      result->operations,
			      result->batch,
			      result->control_operations,
			      result->period_operations};
	const u64 ticks[] = {
		result->aperf,	       result->mperf,	     result->stamp_overhead,
		result->control_ticks, result->period_ticks, result->control_round_trip,
		result->cost,	       result->cost_control, result->threshold};

	if (result->evidence >= EVIDENCES)
		return false;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i] > MAX_COUNT)
			return false;
	for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++)
		if (ticks[i] > MAX_TICKS)
			return false;
	return true;
}

int parts_result(const struct plan *plan, struct decoder_storm *states,
		 const struct storm_result *result)
{
	const struct wire_part part = {result->repeat, result->vcpu, result->status};

	if (result->storm >= storm_count || !parts_planned(plan, states, result->storm, &part))
		return -EPROTO;
	states[result->storm].results++;
	if (!parts_result_valid(result) || result->at_ms)
		return -EPROTO;
	return arrive(plan, states, result->storm, &part, RESULT);
}

void parts_free(struct decoder_storm *states)
{
	for (u32 i = 0; i < storm_count && states; i++)
		free(states[i].arrived);
}
