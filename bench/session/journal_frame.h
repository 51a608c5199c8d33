/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of a journal: what a sink is called with, as bytes with a CRC, and back, checked. */
#ifndef BENCH_SESSION_JOURNAL_FRAME_H
#define BENCH_SESSION_JOURNAL_FRAME_H

#include "../../trace/clock_check.h"
#include "../../trace/counters.h"
#include "../plan/plan.h"
#include "../runner/runner.h"

enum journal_type {
	JOURNAL_PLAN,	   /* struct journal_plan, u16[]: the storms; the first frame */
	JOURNAL_RESULT,	   /* struct storm_result */
	JOURNAL_HISTOGRAM, /* struct journal_histogram, struct journal_bucket[] */
	JOURNAL_CONTROLS,  /* struct journal_control[] */
	JOURNAL_COUNTERS,  /* struct journal_part, struct counter_value[] */
	JOURNAL_CLOCK,	   /* struct clock_finding */
	JOURNAL_UNIT,	   /* struct journal_end: the frames before it are valid */
	JOURNAL_SYNC,	   /* struct journal_time: all before it was on the disk */
	JOURNAL_TYPES
};

#define JOURNAL_NO_STORM 0xffff
#define JOURNAL_PAYLOAD	 (1 << 20) /* bytes at most */

struct journal_frame {
	u32 magic;
	u16 type, storm; /* storm: index in storms[], or JOURNAL_NO_STORM */
	u32 length;	 /* of the payload that follows */
	u32 crc32c;	 /* of header, with this field 0, and payload */
};

struct journal_plan {
	u32 size, tables; /* of this struct; wire_tables() */
	struct plan plan;
};

struct journal_part {
	u16 repeat, vcpu;
	s32 status;
};

struct journal_histogram {
	struct journal_part part;
	u16 leg, clean;
	u32 reserved;
	u64 count, min, max, sum;
};

struct journal_bucket {
	u32 bucket, reserved;
	u64 count;
};

struct journal_control {
	char group[HV_CONTROL_GROUP], name[HV_CONTROL_NAME];
	u64 value;
};

struct journal_end {
	u32 repeat, reserved;
	u64 rows, records; /* items of the storm's arrays */
};

struct journal_bytes {
	u8 *at;
	size_t used, room;
};

/* Appends a frame with the payload `head`, `tail`. -ENOMEM. */
int journal_put(struct journal_bytes *bytes, enum journal_type type, u32 storm, const void *head,
		size_t head_bytes, const void *tail, size_t tail_bytes);
int journal_put_histogram(struct journal_bytes *bytes, const struct storm_result *result, u16 leg,
			  u16 clean, const struct histogram *histogram);
int journal_put_controls(struct journal_bytes *bytes, u32 storm, const struct hv_control *controls,
			 u32 count);

/* Appends all frames of `more`. -ENOMEM. */
int journal_join(struct journal_bytes *bytes, const struct journal_bytes *more);

/* The frame at the start of the bytes, if it is whole: its size; 0: it is not. */
size_t journal_frame_at(const u8 *bytes, size_t left, struct journal_frame *frame);

/*
 * Passes one frame that has the type of a report to the sink. -EBADMSG: its payload is not one that
 * journal_put() would have written for this plan. Other: what the sink returned.
 */
int journal_apply(const struct plan *plan, const struct run_sink *sink,
		  const struct journal_frame *frame, const u8 *payload);

#endif
