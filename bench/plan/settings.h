/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses plans and settings from text. `why` has HV_WHY bytes. Not freestanding. */
#ifndef BENCH_PLAN_SETTINGS_H
#define BENCH_PLAN_SETTINGS_H

#include "plan.h"

void plan_defaults(struct plan *plan);
/* "cpl=3" into the plan. -EINVAL: unknown key or value, or not a setting of this target. */
int plan_set(struct plan *plan, enum target_bit target, const char *assignment, char *why);
/* "0,2-4" into cpu[]. */
int plan_cpus(struct plan *plan, const char *list, char *why);

int setting_find(const char *name, size_t length); /* -1: there is none */
const char *setting_name(enum setting setting);
const char *setting_text(enum setting setting);
const char *setting_values(enum setting setting); /* "auto|0|3", "0..64" */
/* The unit of a setting that is a number; NULL: its values are words. */
const char *setting_unit(enum setting setting);
u32 setting_max(enum setting setting); /* of a number */
/* Copies word `index` of a setting, or the plan's value, to word[]. NULL: no such word. */
const char *setting_word(enum setting setting, unsigned int index, char *word, size_t size);
const char *setting_value(const struct plan *plan, enum setting setting, char *word, size_t size);
#define SETTING_WORD	   64
#define SETTING_ASSIGNMENT (SETTING_WORD + PLAN_COUNTERS)
bool setting_taken(enum setting setting, enum target_bit target);

#endif
