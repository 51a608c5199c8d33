/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol on the serial line between an image and the command, and between the module and the
 * command: frames, little-endian. A reader that has lost synchronisation searches for the next
 * magic. A gap in `sequence` is a lost frame. A stream without an END frame is incomplete. Bytes
 * outside of frames are messages in text.
 *
 * Freestanding: both sides share it.
 */
#ifndef BENCH_WIRE_WIRE_H
#define BENCH_WIRE_WIRE_H

#include "../../trace/clock_check.h"
#include "../../trace/histogram.h"
#include "../plan/plan.h"
#include "../runner/runner.h"

#define WIRE_MAGIC	 0x45525453 /* "STRE" */
#define WIRE_VERSION	 1
#define WIRE_MAX_PAYLOAD (1 << 16)
#define WIRE_NO_STORM	 0xffff
#define WIRE_MAX_STORMS	 512
#define WIRE_APIC_IDS	 8

enum wire_type {
	WIRE_PLAN = 1, /* struct wire_plan: to the image, which sends it back after each HELLO */
	WIRE_HELLO,  /* struct wire_hello: the first frame; again when more CPUs run, and before END
		      */
	WIRE_BEGIN,  /* struct wire_part: a repeat of a storm begins */
	WIRE_RESULT, /* struct storm_result, after its histograms and records */
	WIRE_HISTOGRAM, /* struct wire_histogram, struct wire_bucket[]: buckets that are not 0 */
	WIRE_RECORDS,	/* struct wire_part and struct record[] */
	WIRE_PROGRESS,	/* u64: operations since the last such frame */
	WIRE_END,	/* struct wire_end: the last frame */
	WIRE_CONTROLS,	/* struct wire_control[]: as run_sink.controls */
};

struct frame {
	u32 magic;
	u8 version, type;
	u16 storm;	      /* index in storms[]; WIRE_NO_STORM */
	u32 sequence, length; /* length: bytes of payload that follow */
	u32 crc32c;	      /* of header, with this field 0, and payload */
};

struct wire_plan {
	u32 size, storms;	   /* size: of this struct; storms: entries of storm[] */
	u32 tables;		   /* wire_tables() of the sender */
	u32 cpus;		   /* maximum that a storm needs */
	u32 together;		   /* a storm's repeats follow each other, where no clock drifts */
	u32 first_repeat, repeats; /* those of plan.repeats that this boot is to run */
	struct plan plan;
	u16 storm[WIRE_MAX_STORMS];
};

struct wire_hello {
	u32 size, tables; /* wire_tables() */
	char backend[16], vendor[16], brand[52];
	char hypervisor[16]; /* CPUID leaf 0x40000000; "": CPUID.1:ECX[31] is 0 */
	u32 signature;	     /* CPUID.1:EAX */
	u32 cpus;
	struct clock_finding clock;
	u64 memory_bytes;
	/* Of images only; 0 and "": unknown. */
	u64 tsc_hz;
	char tsc_source[40];
	u32 tsc_invariant; /* CPUID Fn8000_0007 EDX[8] */
	u32 microcode;
	u32 apic_id[WIRE_APIC_IDS]; /* of the CPUs that run, in the order of their numbers */
};

/* The vCPU and repeat of a frame's data. */
struct wire_part {
	u16 repeat, vcpu;
	s32 status; /* enum storm_status, as known when the frame was sent */
};

struct wire_histogram {
	struct wire_part part;
	u16 leg, clean; /* clean: as run_sink.histogram, HISTOGRAM_BOTH included */
	u32 reserved;
	u32 buckets, more;	  /* more: the next frame continues this histogram */
	u64 count, min, max, sum; /* of the complete histogram */
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
	u32 frames; /* this one included */
	char why[HV_WHY];
};

u32 wire_crc32c(u32 crc, const void *data, u64 bytes); /* crc: 0, or that of the bytes before */
/* A checksum of the names of storms and settings, whose numbers differ between builds. */
u32 wire_tables(void);
/* NULL, or the reason why a plan of `bytes` bytes is invalid. */
const char *wire_plan_fault(const struct wire_plan *plan, u32 bytes);
/* Fills in magic, version, length and CRC; the payload is `head` followed by `tail`. */
void wire_seal(struct frame *frame, const void *head, u32 head_bytes, const void *tail,
	       u32 tail_bytes);
/* Whether a frame of complete header and payload has the right magic, version, length and CRC. */
bool wire_intact(const struct frame *frame, const void *payload);

#endif
