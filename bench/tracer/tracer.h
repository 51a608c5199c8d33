/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trace from its beginning to its end: what was asked for, and the loop that looks. */
#ifndef BENCH_TRACER_TRACER_H
#define BENCH_TRACER_TRACER_H

#include "child.h"
#include "save.h"
#include "output.h"

struct tracer_request {
	struct kvm_trace_options trace;
	enum group_by by;
	char **command;	 /* NULL: none */
	double duration; /* s; 0: until the end of what is traced, or a signal */
	double interval; /* s */
	bool live;	 /* what an interval brought is shown, not only all at the end */
	bool json, quiet;
	bool every;	     /* save every exit */
	const char *save;    /* the run folder; NULL: none */
	const char *metrics; /* the file; NULL: none */
};

/* 0, or -errno and why. */
int tracer_run(const struct tracer_request *request, char *why);

#endif
