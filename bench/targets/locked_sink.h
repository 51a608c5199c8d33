/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sink and a monitor that call others under a mutex, so that many threads can share them. */
#ifndef BENCH_TARGETS_LOCKED_SINK_H
#define BENCH_TARGETS_LOCKED_SINK_H

#include <pthread.h>

#include "../runner/runner.h"

struct locked_sink {
	struct run_sink sink;	    /* call the outer ones under .lock; */
	struct run_monitor monitor; /* stopped() without it: it only reads a flag */
	const struct run_sink *outer;
	const struct run_monitor *outer_monitor;
	pthread_mutex_t *lock;
};

/* monitor may be NULL. The outer sink's controls() is not passed on. */
void locked_sink_init(struct locked_sink *locked, pthread_mutex_t *lock,
		      const struct run_sink *sink, const struct run_monitor *monitor);

#endif
