/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures of an image's serial line, made frame by frame: make() returns one of three storms,
 * whole() decodes it.
 */
#ifndef TESTS_FAKE_STREAM_H
#define TESTS_FAKE_STREAM_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/wire/decode.h"

#define MAX_FRAMES 64

/* A capture, and where each of its frames begins. */
struct stream {
	u8 bytes[1 << 16];
	size_t used, at[MAX_FRAMES];
	u32 frames, sequence;
};

static void put(struct stream *stream, const void *bytes, size_t count)
{
	assert_true(stream->used + count <= sizeof(stream->bytes));
	memcpy(stream->bytes + stream->used, bytes, count);
	stream->used += count;
}

static void put_frame(struct stream *stream, u8 type, u16 storm, const void *head, u32 head_bytes,
		      const void *tail, u32 tail_bytes)
{
	struct frame frame = {.type = type, .storm = storm, .sequence = stream->sequence++};

	wire_seal(&frame, head, head_bytes, tail, tail_bytes);
	stream->at[stream->frames++] = stream->used;
	put(stream, &frame, sizeof(frame));
	put(stream, head, head_bytes);
	put(stream, tail, tail_bytes);
}

static void put_head(struct stream *stream, const u16 *storm, u32 count)
{
	struct wire_hello hello = {
		.size = sizeof(hello), .tables = wire_tables(), .backend = "vmx"};
	struct wire_plan plan = {
		.size = sizeof(plan),
		.tables = wire_tables(),
		.cpus = 1,
		.storms = count,
		.repeats = 1,
		.plan = {.exits = 100, .repeats = 1, .vcpus = 1},
	};

	memcpy(plan.storm, storm, count * sizeof(*storm));
	put_frame(stream, WIRE_HELLO, WIRE_NO_STORM, &hello, sizeof(hello), "", 0);
	put_frame(stream, WIRE_PLAN, WIRE_NO_STORM, &plan, sizeof(plan), "", 0);
}

/* Four frames: BEGIN, a histogram in two parts, RESULT. */
static void put_storm(struct stream *stream, u16 storm)
{
	struct wire_part part = {0};
	struct wire_histogram head = {.leg = LEG_EXIT,
				      .buckets = 1,
				      .more = 1,
				      .count = 100,
				      .min = 7,
				      .max = 9,
				      .sum = 740};
	struct wire_bucket bucket[2] = {{7, 80}, {9, 20}};
	struct storm_result result = {.size = sizeof(result), .storm = storm};

	put_frame(stream, WIRE_BEGIN, storm, &part, sizeof(part), "", 0);
	put_frame(stream, WIRE_HISTOGRAM, storm, &head, sizeof(head), &bucket[0],
		  sizeof(bucket[0]));
	head.more = 0;
	put_frame(stream, WIRE_HISTOGRAM, storm, &head, sizeof(head), &bucket[1],
		  sizeof(bucket[1]));
	put_frame(stream, WIRE_RESULT, storm, &result, sizeof(result), "", 0);
}

static void put_end(struct stream *stream, s32 status, const char *why)
{
	struct wire_end end = {.status = status, .frames = stream->sequence + 1};

	strcpy(end.why, why);
	put_frame(stream, WIRE_END, WIRE_NO_STORM, &end, sizeof(end), "", 0);
}

#define STORMS 3
static u16 list[STORMS];
#define BEGIN(storm) (2 + 4 * (storm)) /* number of the frame */
#define END_FRAME    BEGIN(STORMS)

static struct stream *make(void **state)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	(void)state;
	list[0] = storm_find("cpuid") - storms;
	list[1] = storm_find("vmcall") - storms;
	list[2] = storm_find("rdmsr") - storms;
	put_head(stream, list, STORMS);
	for (u32 i = 0; i < STORMS; i++)
		put_storm(stream, list[i]);
	put_end(stream, 0, "");
	return stream;
}

static struct {
	u32 results[STORMS], histograms[STORMS], values[STORMS];
	u32 controls[2]; /* of every VM; of the first storm's */
} seen;

static u32 which(const struct storm_result *result)
{
	u32 i = 0;

	while (i < STORMS && list[i] != result->storm)
		i++;
	assert_true(i < STORMS);
	return i;
}

static int on_result(void *arg, const struct storm_result *result)
{
	(void)arg;
	seen.results[which(result)]++;
	return 0;
}

static int on_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	(void)arg;
	assert_int_equal(leg, LEG_EXIT);
	assert_int_equal(clean, 0);
	assert_int_equal(histogram->bucket[7], 80);
	assert_int_equal(histogram->bucket[9], 20);
	seen.histograms[which(result)]++;
	seen.values[which(result)] += histogram->count;
	return 0;
}

static int on_records(void *arg, const struct storm_result *result, const struct record *records,
		      u32 count)
{
	(void)arg;
	(void)result;
	(void)records;
	(void)count;
	return 0;
}

static int on_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
{
	(void)arg;
	assert_true(storm == RUNNER_EVERY_STORM || storm == list[0]);
	for (u32 i = 0; i < count; i++) {
		assert_string_equal(controls[i].group, "primary");
		assert_string_equal(controls[i].name, i ? "RDTSC exiting" : "HLT exiting");
		assert_int_equal(controls[i].value, 1 - i);
	}
	seen.controls[storm == list[0]] += count;
	return 0;
}

static const struct run_sink sink = {
	.result = on_result,
	.histogram = on_histogram,
	.records = on_records,
	.controls = on_controls,
};

/* Decodes in pieces of `piece` bytes. The decoder stays open. */
static int decode(struct decoder *decoder, const u8 *bytes, size_t count, size_t piece, char *why)
{
	memset(&seen, 0, sizeof(seen));
	*why = 0;
	assert_int_equal(decoder_open(decoder, &sink), 0);
	for (size_t at = 0; at < count; at += piece)
		assert_int_equal(
			decoder_feed(decoder, bytes + at, count - at < piece ? count - at : piece),
			0);
	return decoder_finish(decoder, why);
}

/* Decodes. Bit i of the result: storm i of list[] is complete; bit 31: the stream is. */
static u32 whole(const u8 *bytes, size_t count, char *why)
{
	struct decoder decoder;
	u32 good = decode(&decoder, bytes, count, 4096, why) ? 0 : 1U << 31;

	for (u32 i = 0; i < STORMS; i++) {
		bool fine = decoder.storms[list[i]].asked && !decoder_fault(&decoder, list[i]);

		good |= (u32)fine << i;
		if (fine) {
			assert_int_equal(seen.results[i], 1);
			assert_int_equal(seen.values[i], 100);
		}
	}
	decoder_close(&decoder);
	return good;
}
#define ALL (1U << 31 | 7)

#endif
