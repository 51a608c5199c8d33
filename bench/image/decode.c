// SPDX-License-Identifier: GPL-2.0-or-later
#include "decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (2 * (WIRE_MAX_PAYLOAD + sizeof(struct frame)))

int decoder_open(struct decoder *decoder, const struct run_sink *sink)
{
	*decoder = (struct decoder){
		.sink = sink, .room = ROOM, .lost_storm = WIRE_NO_STORM, .storm = WIRE_NO_STORM};
	decoder->buffer = malloc(ROOM);
	decoder->histogram = calloc(1, sizeof(*decoder->histogram));
	if (decoder->buffer && decoder->histogram)
		return 0;
	decoder_close(decoder);
	return -ENOMEM;
}

void decoder_close(struct decoder *decoder)
{
	free(decoder->buffer);
	free(decoder->histogram);
	decoder->buffer = NULL;
	decoder->histogram = NULL;
}

/* Text for people: the last whole line is kept. */
static void take_text(struct decoder *decoder, const u8 *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == '\n') {
			if (decoder->text_used)
				memcpy(decoder->line, decoder->text, sizeof(decoder->line));
			decoder->line[decoder->text_used ? decoder->text_used
							 : strlen(decoder->line)] = 0;
			decoder->text_used = 0;
		} else if (decoder->text_used < sizeof(decoder->text) - 1 && bytes[i] >= ' ' &&
			   bytes[i] < 0x7f) {
			decoder->text[decoder->text_used++] = bytes[i];
		}
	}
}

static void miss(struct decoder *decoder, u64 frames, u16 storm)
{
	if (!decoder->lost)
		decoder->lost_storm = storm;
	decoder->lost += frames;
}

static struct storm_result result_of(u16 storm, const struct wire_part *part)
{
	return (struct storm_result){.size = sizeof(struct storm_result),
				     .storm = storm,
				     .repeat = part->repeat,
				     .vcpu = part->vcpu,
				     .status = part->status};
}

/* False: the frame is whole, yet not what its type says. */
static bool part_valid(const struct frame *frame, const struct wire_part *part)
{
	return frame->storm < storm_count && part->status >= STORM_MEASURED &&
	       part->status <= STORM_FAILED;
}

static int take_result(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct storm_result result;

	if (frame->length != sizeof(result))
		return -EPROTO;
	memcpy(&result, payload, sizeof(result));
	result.why[sizeof(result.why) - 1] = 0;
	if (result.size != sizeof(result) || result.storm >= storm_count ||
	    result.status < STORM_MEASURED || result.status > STORM_FAILED)
		return -EPROTO;
	decoder->results++;
	return decoder->sink->result(decoder->sink->arg, &result);
}

static int take_buckets(struct decoder *decoder, const struct wire_histogram *head,
			const u8 *payload)
{
	struct wire_bucket bucket;

	for (u32 i = 0; i < head->buckets; i++) {
		memcpy(&bucket, payload + i * sizeof(bucket), sizeof(bucket));
		if (bucket.bucket >= HISTOGRAM_BUCKETS)
			return -EPROTO;
		decoder->histogram->bucket[bucket.bucket] += bucket.count;
		decoder->histogram_count += bucket.count;
	}
	return 0;
}

static int take_histogram(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_histogram head;
	struct storm_result result;
	int err;

	if (frame->length < sizeof(head))
		return -EPROTO;
	memcpy(&head, payload, sizeof(head));
	if (!part_valid(frame, &head.part) || head.leg >= LEGS || head.clean > 1 ||
	    frame->length != sizeof(head) + head.buckets * sizeof(struct wire_bucket))
		return -EPROTO;
	err = take_buckets(decoder, &head, payload + sizeof(head));
	if (err || head.more)
		return err;
	/* Where a part of it was lost, it is no histogram of what was measured. */
	if (decoder->histogram_count == head.count) {
		decoder->histogram->count = head.count;
		decoder->histogram->min = head.min;
		decoder->histogram->max = head.max;
		decoder->histogram->sum = head.sum;
		result = result_of(frame->storm, &head.part);
		err = decoder->sink->histogram(decoder->sink->arg, &result, head.leg, head.clean,
					       decoder->histogram);
	}
	memset(decoder->histogram, 0, sizeof(*decoder->histogram));
	decoder->histogram_count = 0;
	return err;
}

static int take_records(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_part part;
	struct record record;
	struct storm_result result;
	int err = 0;

	if (frame->length < sizeof(part) || (frame->length - sizeof(part)) % sizeof(record))
		return -EPROTO;
	memcpy(&part, payload, sizeof(part));
	if (!part_valid(frame, &part))
		return -EPROTO;
	result = result_of(frame->storm, &part);
	for (size_t at = sizeof(part); at < frame->length && !err; at += sizeof(record)) {
		memcpy(&record, payload + at, sizeof(record));
		err = decoder->sink->records(decoder->sink->arg, &result, &record, 1);
	}
	return err;
}

static int take_hello(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	if (frame->length != sizeof(decoder->hello))
		return -EPROTO;
	memcpy(&decoder->hello, payload, sizeof(decoder->hello));
	decoder->hello_seen = true;
	return 0;
}

static int take_end(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	if (frame->length != sizeof(decoder->end))
		return -EPROTO;
	memcpy(&decoder->end, payload, sizeof(decoder->end));
	decoder->end.why[sizeof(decoder->end.why) - 1] = 0;
	decoder->ended = true;
	return 0;
}

static int take_progress(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	u64 operations;

	if (frame->length != sizeof(operations))
		return -EPROTO;
	memcpy(&operations, payload, sizeof(operations));
	decoder->sink->progress(decoder->sink->arg, operations);
	return 0;
}

static int take_frame(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	static int (*const take[])(struct decoder *, const struct frame *, const u8 *) = {
		[WIRE_HELLO] = take_hello,	   [WIRE_RESULT] = take_result,
		[WIRE_HISTOGRAM] = take_histogram, [WIRE_RECORDS] = take_records,
		[WIRE_PROGRESS] = take_progress,   [WIRE_END] = take_end,
	};
	int err = -EPROTO;

	if (frame->sequence != decoder->sequence)
		miss(decoder, (u32)(frame->sequence - decoder->sequence), frame->storm);
	decoder->sequence = frame->sequence + 1;
	decoder->frames++;
	if (frame->storm != WIRE_NO_STORM)
		decoder->storm = frame->storm;
	if (frame->type < sizeof(take) / sizeof(take[0]) && take[frame->type])
		err = take[frame->type](decoder, frame, payload);
	if (err == -EPROTO) {
		decoder->damaged++;
		miss(decoder, 1, frame->storm);
		err = 0;
	}
	return err;
}

/* How many bytes from `at` are no frame; all that is left if no magic is to be seen. */
static size_t text_length(const u8 *at, size_t left)
{
	static const u32 magic = WIRE_MAGIC;
	size_t length = 0;

	for (; length + sizeof(magic) <= left; length++)
		if (!memcmp(at + length, &magic, sizeof(magic)))
			return length;
	/* Its beginning may be the last bytes. */
	while (length < left && memcmp(at + length, &magic, left - length))
		length++;
	return length;
}

/* Bytes that are done with, or 0: more must come first. */
static size_t step(struct decoder *decoder, const u8 *at, size_t left, int *err)
{
	size_t text = text_length(at, left);
	struct frame frame;

	if (text) {
		take_text(decoder, at, text);
		return text;
	}
	if (left < sizeof(frame))
		return 0;
	memcpy(&frame, at, sizeof(frame));
	if (frame.version != WIRE_VERSION || frame.length > WIRE_MAX_PAYLOAD) {
		decoder->damaged++;
		return 1; /* look for the next magic; the gap in sequence tells what was lost */
	}
	if (left < sizeof(frame) + frame.length)
		return 0;
	if (!wire_intact(&frame, at + sizeof(frame))) {
		decoder->damaged++;
		return 1;
	}
	*err = take_frame(decoder, &frame, at + sizeof(frame));
	return sizeof(frame) + frame.length;
}

static int decode(struct decoder *decoder)
{
	size_t at = 0, done;
	int err = 0;

	while (!err && at < decoder->used) {
		done = step(decoder, decoder->buffer + at, decoder->used - at, &err);
		if (!done)
			break;
		at += done;
	}
	memmove(decoder->buffer, decoder->buffer + at, decoder->used - at);
	decoder->used -= at;
	return err;
}

int decoder_feed(struct decoder *decoder, const void *bytes, size_t count)
{
	const u8 *from = bytes;
	int err = 0;

	while (count && !err) {
		size_t part = decoder->room - decoder->used;

		if (part > count)
			part = count;
		memcpy(decoder->buffer + decoder->used, from, part);
		decoder->used += part;
		from += part;
		count -= part;
		err = decode(decoder);
	}
	return err;
}

static const char *storm_name(u16 storm)
{
	return storm < storm_count ? storms[storm].name : "no storm";
}

int decoder_finish(struct decoder *decoder, char *why)
{
	if (decoder->ended && decoder->end.status) {
		snprintf(why, HV_WHY, "%s", decoder->end.why);
		return decoder->end.status;
	}
	if (!decoder->ended) {
		snprintf(why, HV_WHY,
			 "the image's report breaks off after %llu frames (last of: %s)%s%.150s",
			 (unsigned long long)decoder->frames, storm_name(decoder->storm),
			 *decoder->line ? "; it said: " : "", decoder->line);
		return -EBADMSG;
	}
	if (decoder->end.frames > decoder->sequence)
		miss(decoder, decoder->end.frames - decoder->sequence, decoder->storm);
	if (decoder->lost || decoder->damaged) {
		snprintf(why, HV_WHY, "%llu frames were lost on the way, the first of: %s",
			 (unsigned long long)decoder->lost, storm_name(decoder->lost_storm));
		return -EBADMSG;
	}
	return 0;
}
