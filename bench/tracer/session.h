/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trace from its beginning to its end: what was asked for, and the loop that looks. */
#ifndef BENCH_TRACER_SESSION_H
#define BENCH_TRACER_SESSION_H

#include "child.h"
#include "save.h"
#include "watch.h"

struct watch_request {
	struct kvm_trace_options trace;
	enum watch_by by;
	char **command;	 /* NULL: none */
	double duration; /* s; 0: until the end of what is traced, or a signal */
	double interval; /* s */
	bool live;	 /* what an interval brought is shown, not only all at the end */
	bool json, quiet;
	bool every;	      /* save every exit */
	const char *save;     /* the run folder; NULL: none */
	const char *metrics;  /* the file; NULL: none */
};

/* 0, or -errno and why. */
int watch_session(const struct watch_request *request, char *why);

#endif
