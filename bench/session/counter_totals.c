// SPDX-License-Identifier: GPL-2.0-or-later
#include "counter_totals.h"

#include <string.h>

#include "../../results/compose.h"
#include "../../results/run.h"

static struct counter_value *value_of(struct counter_totals *totals,
				      const struct counter_value *value)
{
	struct counter_value *mine;

	for (u32 i = 0; i < totals->values; i++)
		if (totals->value[i].side == value->side &&
		    !strcmp(totals->value[i].name, value->name))
			return &totals->value[i];
	if (totals->values == COUNTERS_VALUES)
		return NULL;
	mine = &totals->value[totals->values++];
	*mine = (struct counter_value){.side = value->side, .counted = true};
	memcpy(mine->name, value->name, sizeof(mine->name));
	return mine;
}

void counter_totals_add(struct counter_totals *totals, const struct counter_value *value, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct counter_value *mine = value_of(totals, &value[i]);

		if (!mine)
			return;
		if (!value[i].counted) { /* not counted once: there is no sum */
			mine->counted = false;
			memcpy(mine->why, value[i].why, sizeof(mine->why));
		}
		mine->count += value[i].count;
		mine->empty += value[i].empty * value[i].batches;
		mine->batches += value[i].batches;
		mine->enabled_ns += value[i].enabled_ns;
		mine->running_ns += value[i].running_ns;
	}
}

static json_t *per(double count, u64 of)
{
	return of ? run_number(count / of) : json_null();
}

static json_t *side_json(const struct counter_value *value, u64 operations, u64 exits)
{
	if (!value->counted)
		return compose_pack("{s:o}", "why", compose_text(value->why));
	return compose_pack("{s:o, s:o, s:o, s:o, s:o}", "per_exit", per(value->count, exits),
			    "per_op", per(value->count, operations), "looking_per_op",
			    per(value->empty, operations), "count", run_number(value->count),
			    "running", per((double)value->running_ns, value->enabled_ns));
}

json_t *counter_totals_json(const struct counter_totals *totals, u64 operations, u64 exits)
{
	json_t *json = json_object();

	for (u32 i = 0; i < totals->values; i++) {
		const struct counter_value *value = &totals->value[i];
		json_t *event = json_object_get(json, value->name);

		if (!event) {
			event = json_object();
			compose_set(json, value->name, event);
		}
		compose_set(event, counter_side_name[value->side],
			    side_json(value, operations, exits));
	}
	return json;
}
