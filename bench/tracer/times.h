/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A histogram of times with the buckets of the eBPF programs. Nanoseconds. */
#ifndef BENCH_TRACER_TIMES_H
#define BENCH_TRACER_TIMES_H

#include "../../trace/histogram.h"
#include "../../trace/kvm_shared.h"

struct times {
	u64 exits;	/* all of them */
	u64 count, sum; /* of those whose time is known */
	u64 min, max;	/* 0 while count is 0; of one interval: bounds of its buckets */
	u64 bucket[TRACE_BUCKETS];
};

void times_add(struct times *into, const struct times *from);
/* Converts to a run's histogram, ns * scale. Values are spread evenly within a bucket. */
void times_expand(const struct times *times, double scale, struct histogram *histogram);
/* The q quantile (0 to 1), interpolated within its bucket; NAN: no values. */
double times_quantile(const struct times *times, double q);

#endif
