/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trace shows: tables for people, JSON and OpenMetrics for programs. */
#ifndef BENCH_TRACER_OUTPUT_H
#define BENCH_TRACER_OUTPUT_H

#include <stdio.h>

#include "vcpu_groups.h"

#define OUTPUT_RIPS 10 /* the hottest that are shown */

/*
 * The last interval, or all. rows: at most so many lines (0: all). Fits 80 columns. -ENOMEM.
 */
int output_table(FILE *out, const struct aggregate *aggregate, enum group_by by, bool total,
		 int rows);
/* A line for each kind of loss; nothing where nothing was lost. */
void output_lost(FILE *out, const struct kvm_trace_lost *lost);
/* What must be known to read the tables: that kvm_exit never fired here. */
void output_note(FILE *out, const struct aggregate *aggregate);
/* How long it was, and what was hooked in which way. */
void output_head(FILE *out, const struct aggregate *aggregate);
int output_rips(FILE *out, const struct aggregate *aggregate);
/* One exit that took long; now: seconds since the trace began. */
void output_slow(FILE *out, const struct aggregate *aggregate, const struct traced_exit *event,
		 double at);

/* {"kind": "interval" or "total", …}, on one line. */
int output_json(FILE *out, const struct aggregate *aggregate, bool total);
/* The text format that node_exporter's textfile collector reads; the file is replaced whole. */
int output_metrics(const char *path, const struct aggregate *aggregate, char *why);

#endif
