/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over a serial line between an image and the command: frames, little-endian. A reader
 * that loses its place looks for the next magic; a gap in `sequence` is a lost frame; without an
 * END frame a stream is not whole. What is not a frame is text for people.
 *
 * Freestanding: image and command share it.
 */
#ifndef BENCH_WIRE_WIRE_H
#define BENCH_WIRE_WIRE_H

#include "../../trace/histogram.h"
#include "../plan/plan.h"
#include "../runner/runner.h"

#define WIRE_MAGIC	 0x45525453 /* "STRE" */
#define WIRE_VERSION	 1
#define WIRE_MAX_PAYLOAD (1 << 16)
#define WIRE_NO_STORM	 0xffff
#define WIRE_MAX_STORMS	 512

enum wire_type {
	WIRE_PLAN = 1, /* struct wire_plan: to the image, and back from it behind each HELLO */
	WIRE_HELLO,  /* struct wire_hello, first of all; again before END, should the first be lost
		      */
	WIRE_BEGIN,  /* struct wire_part: a repeat of a storm */
	WIRE_RESULT, /* struct storm_result, after its histograms and records */
	WIRE_HISTOGRAM, /* struct wire_histogram and buckets that are not 0 */
	WIRE_RECORDS,	/* struct wire_part and struct record[] */
	WIRE_PROGRESS,	/* u64: operations since the last one */
	WIRE_END,	/* struct wire_end, last of all */
	WIRE_CONTROLS,	/* struct wire_control[]: of every VM, or of a storm's where others */
};

struct frame {
	u32 magic;
	u8 version, type;
	u16 storm;	      /* index in storms[]; WIRE_NO_STORM */
	u32 sequence, length; /* length: of the payload, which follows */
	u32 crc32c;	      /* of header, this field 0, and payload */
};

struct wire_plan {
	u32 size, storms; /* of this struct; how many of storm[] are valid */
	u32 tables;	  /* wire_tables() of who wrote it */
	u32 cpus;	  /* of the machine that are started */
	u32 together;	  /* a storm's repeats follow each other: where nothing drifts */
	u32 first_repeat,
		repeats; /* the plan's repeats are all that there are, these are asked for */
	struct plan plan;
	u16 storm[WIRE_MAX_STORMS];
};

enum wire_clock { WIRE_CLOCK_TSC, WIRE_CLOCK_INSTRUCTIONS, WIRE_CLOCK_EMULATED };

struct wire_hello {
	u32 size, tables; /* wire_tables() */
	char backend[16], vendor[16], brand[52];
	char hypervisor[16]; /* below the image, by CPUID; "": none says so */
	u32 signature;	     /* CPUID.1:EAX */
	u32 clock;	     /* enum wire_clock */
	u32 cpus, granularity;
	u64 memory_bytes;
};

/* What a frame is of. */
struct wire_part {
	u16 repeat, vcpu;
	s32 status; /* enum storm_status, as far as it is known */
};

struct wire_histogram {
	struct wire_part part;
	u16 leg, clean;
	u32 reserved;
	u32 buckets, more;	  /* more: another frame goes on with the same histogram */
	u64 count, min, max, sum; /* of the whole histogram */
};

struct wire_control {
	char group[HV_CONTROL_GROUP], name[HV_CONTROL_NAME];
	u64 value;
};

struct wire_bucket {
	u32 bucket, count;
};

struct wire_end {
	s32 status; /* 0, or -errno */
	u32 frames; /* with this one */
	char why[HV_WHY];
};

u32 wire_crc32c(u32 crc, const void *data, u64 bytes); /* begins with 0 */
/* Of the names behind the numbers of storms and settings: other builds may have others. */
u32 wire_tables(void);
/* NULL, or what is wrong with a plan of `bytes` bytes. */
const char *wire_plan_fault(const struct wire_plan *plan, u32 bytes);
/* Completes a frame's header for a payload in up to two pieces. */
void wire_seal(struct frame *frame, const void *head, u32 head_bytes, const void *tail,
	       u32 tail_bytes);
/* Whether a whole frame (header and payload behind it) is what its sender sent. */
bool wire_intact(const struct frame *frame, const void *payload);

#endif
