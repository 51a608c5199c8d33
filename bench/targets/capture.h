/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file with the serial output of an image that ran elsewhere, decoded through the interface of a
 * target, so that it becomes a run like any other. Nothing is executed here.
 */
#ifndef BENCH_TARGETS_CAPTURE_H
#define BENCH_TARGETS_CAPTURE_H

#include "../wire/decode.h"
#include "target.h"

/* .describe and .site are those of the capture that was opened last; .probe always fails. */
extern const struct target target_capture;

struct capture {
	u8 *bytes;
	size_t size;
	struct wire_hello hello;
	struct wire_plan plan; /* of the first boot in it, with the storms of all */
	bool *storm;	       /* [storm_count]: true: its plan asks for the storm */
};

/* Reads the file and finds its plan and machine. 0, or -errno and why. */
int capture_open(struct capture *capture, const char *path, char *why);
/*
 * Reports everything to the sink; a storm with missing or damaged frames is reported as failed. 0;
 * -EBADMSG and why: frames are missing; another -errno: the sink's.
 */
int capture_decode(const struct capture *capture, const struct run_sink *sink, char *why);
/* host{} of run.json, as far as the image reported it. A new reference. */
json_t *capture_host(const struct capture *capture);
void capture_close(struct capture *capture);

#endif
