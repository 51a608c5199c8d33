/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a serial line back to what the image's runners reported. Bytes may come in any
 * pieces; what is damaged or lost is counted and said, what came whole is passed on. Not
 * freestanding.
 */
#ifndef BENCH_WIRE_DECODE_H
#define BENCH_WIRE_DECODE_H

#include "wire.h"

struct decoder_storm {
	u32 asked, results; /* results: that are to come, and that came */
	bool begun, over;   /* over: skipped or failed, no more results come */
	bool hit;	    /* something of it was lost */
};

struct decoder {
	const struct run_sink *sink;
	u8 *buffer;
	size_t used, room;
	u32 sequence;	   /* that is expected next */
	u64 lost, damaged; /* frames; damaged ones are lost, too */
	u64 frames;
	u32 boots, broken; /* images that began to report; that never ended */
	u16 storm;	   /* begun last; WIRE_NO_STORM: none */
	u32 open;	   /* results that its repeat still owes */
	bool hello_seen, plan_seen, plan_of_boot, plans_differ, foreign, ended;
	struct wire_hello hello;
	struct wire_plan plan; /* of the first boot */
	struct wire_end end;
	struct decoder_storm *storms; /* storm_count of them */
	struct histogram *histogram;  /* under construction */
	u64 histogram_count;	      /* values in it so far */
	char text[256];		      /* the line under way that is no frame */
	size_t text_used;
	char line[256]; /* the last one before it */
};

int decoder_open(struct decoder *decoder, const struct run_sink *sink); /* -ENOMEM */
/* 0, or what the sink returned. */
int decoder_feed(struct decoder *decoder, const void *bytes, size_t count);
/*
 * No more bytes come: 0 if all is whole; -EBADMSG and why, naming the storm it hit; the image's own
 * status if it gave up; or what the sink returned.
 */
int decoder_finish(struct decoder *decoder, char *why);
/* After decoder_finish: NULL if all that was asked of the storm came whole, else what is not. */
const char *decoder_fault(const struct decoder *decoder, u16 storm);
void decoder_close(struct decoder *decoder);

#endif
