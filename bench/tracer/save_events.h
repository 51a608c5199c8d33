/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single exits of a saved trace: each becomes a record, and its time counts exactly. */
#ifndef BENCH_TRACER_SAVE_EVENTS_H
#define BENCH_TRACER_SAVE_EVENTS_H

#include "aggregate.h"

struct save;
struct saved_storm;

/* -errno: no memory, or the record could not be written. */
int save_event(struct save *save, struct aggregate *aggregate, const struct traced_exit *event);
/* Writes the records of the storm that are still buffered. -errno and why. */
int save_write_records(struct save *save, struct saved_storm *storm, char *why);

#endif
