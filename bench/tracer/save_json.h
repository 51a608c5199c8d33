/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.json of a saved trace. */
#ifndef BENCH_TRACER_SAVE_JSON_H
#define BENCH_TRACER_SAVE_JSON_H

#include <jansson.h>

#include "aggregate.h"

struct save;

struct save_about {
	const char *started; /* UTC, as in run.json */
	double interval;     /* seconds */
	bool every;	     /* with all single exits */
};

/* A new reference; NULL: no memory. */
json_t *save_json(struct save *save, const struct aggregate *aggregate,
		  const struct save_about *about);

#endif
