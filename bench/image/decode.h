/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a serial line back to what the image's runners reported. Bytes may come in any
 * pieces; what is damaged or lost is counted and said, what came whole is passed on. Not
 * freestanding.
 */
#ifndef BENCH_IMAGE_DECODE_H
#define BENCH_IMAGE_DECODE_H

#include "wire.h"

struct decoder {
	const struct run_sink *sink;
	u8 *buffer;
	size_t used, room;
	u32 sequence;	   /* that is expected next */
	u64 lost, damaged; /* frames; damaged ones are lost, too */
	u16 lost_storm;	   /* where the first one was missed; WIRE_NO_STORM: nothing is */
	u16 storm;	   /* of the last whole frame */
	u64 frames, results;
	bool hello_seen, ended;
	struct wire_hello hello;
	struct wire_end end;
	struct histogram *histogram; /* under construction */
	u64 histogram_count;	     /* values in it so far */
	char text[256];		     /* the last line that was no frame */
	size_t text_used;
	char line[256];
};

int decoder_open(struct decoder *decoder, const struct run_sink *sink); /* -ENOMEM */
/* 0, or what the sink returned. */
int decoder_feed(struct decoder *decoder, const void *bytes, size_t count);
/* No more bytes come: 0 if all is whole, else -EBADMSG and why, naming the storm it hit. */
int decoder_finish(struct decoder *decoder, char *why);
void decoder_close(struct decoder *decoder);

#endif
