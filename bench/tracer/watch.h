/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a trace shows: tables for people, JSON and OpenMetrics for programs. */
#ifndef BENCH_TRACER_WATCH_H
#define BENCH_TRACER_WATCH_H

#include <stdio.h>

#include "group.h"

#define WATCH_RIPS 10 /* the hottest that are shown */

/*
 * The last interval, or all. rows: at most so many lines (0: all). Fits 80 columns. -ENOMEM.
 */
int watch_table(FILE *out, const struct gather *gather, enum watch_by by, bool total, int rows);
/* A line for each kind of loss; nothing where nothing was lost. */
void watch_lost(FILE *out, const struct kvm_trace_lost *lost);
/* What must be known to read the tables: that kvm_exit never fired here. */
void watch_note(FILE *out, const struct gather *gather);
/* How long it was, and what was hooked in which way. */
void watch_head(FILE *out, const struct gather *gather);
int watch_rips(FILE *out, const struct gather *gather);
/* One exit that took long; now: seconds since the trace began. */
void watch_slow(FILE *out, const struct gather *gather, const struct traced_exit *event,
		double at);

/* {"kind": "interval" or "total", …}, on one line. */
int watch_json(FILE *out, const struct gather *gather, bool total);
/* The text format that node_exporter's textfile collector reads; the file is replaced whole. */
int watch_metrics(const char *path, const struct gather *gather, char *why);

#endif
