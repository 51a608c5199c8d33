/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a report as its frames fill it, and what each frame does to it. decode.h makes
 * frames of bytes. Not freestanding.
 */
#ifndef BENCH_WIRE_DISPATCH_H
#define BENCH_WIRE_DISPATCH_H

#include "parts.h"

struct decoder {
	const struct run_sink *sink;
	const struct run_monitor *monitor; /* NULL, or set after decoder_open */
	u8 *buffer;
	size_t used, room;
	u32 sequence;	   /* of the next frame */
	u64 lost, damaged; /* frames; damaged ones may be counted as lost, too */
	u64 refused;	   /* intact frames with invalid content */
	u64 frames;
	u32 boots, broken; /* images that sent HELLO; those of them that sent no END */
	u16 storm;	   /* of the last BEGIN; WIRE_NO_STORM: none */
	u32 open;	   /* results that the current repeat has not sent yet */
	bool hello_seen, plan_seen, plan_of_boot, plans_differ, foreign, ended;
	struct wire_hello hello;
	struct wire_plan plan; /* of the first boot */
	struct wire_end end;
	struct decoder_storm *storms; /* storm_count of them */
	struct histogram *histogram;  /* assembled from its frames */
	u64 histogram_count;	      /* its values so far */
	u32 low, high;	/* its first and last bucket that is not 0; low > high: none */
	char text[256]; /* the current line of text outside of frames */
	size_t text_used;
	char line[256]; /* the last complete one */
};

/*
 * Handles one intact frame whose turn it is and passes its content to the sink. -EPROTO: the
 * payload does not fit the frame's type. Other values: what the sink returned.
 */
int decoder_dispatch(struct decoder *decoder, const struct frame *frame, const u8 *payload);
/* Marks a storm as incomplete: a frame of it was lost. No effect for WIRE_NO_STORM. */
void decoder_damage(struct decoder *decoder, u16 storm);
/* Discards the histogram under construction. */
void decoder_histogram_drop(struct decoder *decoder);

#endif
