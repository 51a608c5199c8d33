/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan and its settings as run.json has them. Not freestanding. */
#ifndef BENCH_PLAN_PLAN_JSON_H
#define BENCH_PLAN_PLAN_JSON_H

#include <jansson.h>

#include "plan.h"

json_t *plan_json(const struct plan *plan); /* run.json's plan{} */
/* run.json's settings{}: those that the target accepts. */
json_t *settings_json(const struct plan *plan, enum target_bit target);
/* The reverse, for --like. -EINVAL and the reason in why[HV_WHY]; the plan is then unchanged. */
int plan_from_json(struct plan *plan, enum target_bit target, const json_t *plan_object,
		   const json_t *settings_object, char *why);

#endif
