/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One element of storms[] in run.json, made from a storm's collected results. */
#ifndef BENCH_SESSION_STORM_JSON_H
#define BENCH_SESSION_STORM_JSON_H

#include "../targets/target.h"
#include "storm_parts.h"

/* A new reference; NULL: no memory. */
json_t *storm_json(const struct target *target, const struct plan *plan, const struct storm *storm,
		   const struct storm_parts *parts);

#endif
