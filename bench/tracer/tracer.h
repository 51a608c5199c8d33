/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace command: attaches the hooks, updates at intervals, prints and saves. */
#ifndef BENCH_TRACER_TRACER_H
#define BENCH_TRACER_TRACER_H

#include "child.h"
#include "output.h"
#include "save.h"

struct tracer_request {
	struct kvm_trace_options trace;
	enum group_by by;
	char **command;	 /* NULL: none */
	double duration; /* s; 0: until the traced process ends or a signal comes */
	double interval; /* s */
	bool live;	 /* print each interval, not only the total at the end */
	bool json, quiet;
	bool anonymous;	     /* leave out processes, pids and tids, and what names host or user */
	bool every;	     /* save each single exit */
	const char *save;    /* path of the run folder; NULL: none */
	const char *metrics; /* path of the OpenMetrics file; NULL: none */
};

/* 0, or -errno and why (RUN_WHY bytes). */
int tracer_run(const struct tracer_request *request, char *why);

#endif
