/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an image once sent over a serial line and somebody kept: as a target, so that a run comes of
 * it like of any other. Nothing is run here.
 */
#ifndef BENCH_TARGETS_CAPTURE_H
#define BENCH_TARGETS_CAPTURE_H

#include "../wire/decode.h"
#include "target.h"

/* .describe and .site speak of the capture that was opened last; .probe refuses. */
extern const struct target target_capture;

struct capture {
	u8 *bytes;
	size_t size;
	struct wire_hello hello;
	struct wire_plan plan; /* of the first boot in it */
	bool *storm;	       /* those that it should have, storm_count of them */
};

/* Reads the file and finds out of what it is. 0, or -errno and why. */
int capture_open(struct capture *capture, const char *path, char *why);
/*
 * To the sink, whole or not: storms of which something is missing end as failed. 0; -EBADMSG and
 * why: something is missing; another -errno: the sink's.
 */
int capture_decode(const struct capture *capture, const struct run_sink *sink, char *why);
/* host{} of run.json: what the image said of its machine. */
json_t *capture_host(const struct capture *capture);
void capture_close(struct capture *capture);

#endif
