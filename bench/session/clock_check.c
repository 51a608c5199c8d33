// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock_check.h"

#include <stdio.h>
#include <string.h>

#include "../../results/compose.h"
#include "../targets/raw_target.h"

static json_t *ticks(u32 value)
{
	return value == ~0U ? json_null() : json_integer(value);
}

void clock_check_apply(json_t *target, const struct clock_finding *finding)
{
	const char *claim = json_string_value(json_object_get(target, "clock")), *found, *label;
	const char *emulated = raw_clock_name(CLOCK_EMULATED);
	json_int_t granularity;
	json_t *check;

	if (!finding) {
		compose_set(target, "clock_check", json_null());
		return;
	}
	granularity = json_integer_value(json_object_get(target, "clock_granularity"));
	found = raw_clock_name(finding->kind);
	label = strcmp(claim, emulated) ? found : claim;
	if (finding->kind == CLOCK_INSTRUCTIONS && finding->cpus == 1 &&
	    finding->step > granularity)
		label = emulated;
	if (finding->kind != CLOCK_TSC && finding->step > granularity)
		compose_set(target, "clock_granularity", json_integer(finding->step));
	check = compose_pack("{s:s, s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "claim", claim, "found",
			     found, "cpus", (int)finding->cpus, "step", (int)finding->step, "error",
			     ticks(finding->error), "nop", ticks(finding->nop), "add",
			     ticks(finding->add), "imul", ticks(finding->imul));
	compose_set(target, "clock_check", check);
	compose_set(target, "emulated", json_boolean(strcmp(label, raw_clock_name(CLOCK_TSC))));
	compose_set(target, "clock", compose_text(label));
}

char *clock_check_warning(const json_t *target, char *text, size_t size)
{
	const json_t *check = json_object_get(target, "clock_check"),
		     *error = json_object_get(check, "error");
	const char *claim = json_string_value(json_object_get(check, "claim")),
		   *label = json_string_value(json_object_get(target, "clock"));

	*text = '\0';
	if (!claim || !label || !strcmp(claim, label))
		return text;
	snprintf(text, size,
		 "target %s should have the clock \"%s\", but known instructions took other ticks "
		 "(error: up to %lld, step: %lld): figures are labelled \"%s\"",
		 json_string_value(json_object_get(target, "name")), claim,
		 json_is_integer(error) ? (long long)json_integer_value(error) : (long long)~0U,
		 (long long)json_integer_value(json_object_get(check, "step")), label);
	return text;
}
