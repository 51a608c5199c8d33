/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of a trace: tables in 80 columns, JSON lines, and an OpenMetrics file. */
#ifndef BENCH_TRACER_OUTPUT_H
#define BENCH_TRACER_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

#include "vcpu_groups.h"

#define OUTPUT_RIPS 10 /* lines in the table of guest RIPs */

/*
 * A table per group. total: of the whole trace, else of the last interval. rows: the maximum number
 * of lines; 0: no limit. -ENOMEM.
 */
int output_table(FILE *out, const struct aggregate *aggregate, enum group_by by, bool total,
		 int rows);
/* A line per kind of loss that occurred. */
void output_lost(FILE *out, const struct kvm_trace_lost *lost);
/* Says so if kvm_exit never fired, because then the tables lack most exits. */
void output_note(FILE *out, const struct aggregate *aggregate);
/* The duration, the hooks, and how each was attached. */
void output_head(FILE *out, const struct aggregate *aggregate);
/* The guest RIPs with the most exits. -ENOMEM. */
int output_rips(FILE *out, const struct aggregate *aggregate);
/* A line for a slow exit; at: seconds since the trace began. */
void output_slow(FILE *out, const struct aggregate *aggregate, const struct traced_exit *event,
		 double at);

/* {"kind": "interval" or "total", …} on one line. -ENOMEM. */
int output_json(FILE *out, const struct aggregate *aggregate, bool total);
/* hooks{}: the hooks in use and how each is attached. A new reference. */
json_t *output_hooks(const struct kvm_trace *trace);
/* running: false for the last time. Replaces the file atomically. -errno and why (RUN_WHY bytes).
 */
int output_metrics(const char *path, const struct aggregate *aggregate, bool running, char *why);

#endif
