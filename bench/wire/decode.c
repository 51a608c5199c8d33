// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream: frames among text, what is lost of them, and what is said at its end. */
#include "decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (2 * (WIRE_MAX_PAYLOAD + sizeof(struct frame)))

int decoder_open(struct decoder *decoder, const struct run_sink *sink)
{
	*decoder = (struct decoder){.sink = sink, .room = ROOM, .storm = WIRE_NO_STORM};
	decoder->buffer = malloc(ROOM);
	decoder->histogram = calloc(1, sizeof(*decoder->histogram));
	decoder->storms = calloc(storm_count, sizeof(*decoder->storms));
	if (decoder->buffer && decoder->histogram && decoder->storms)
		return 0;
	decoder_close(decoder);
	return -ENOMEM;
}

void decoder_close(struct decoder *decoder)
{
	free(decoder->buffer);
	free(decoder->histogram);
	free(decoder->storms);
	decoder->buffer = NULL;
	decoder->histogram = NULL;
	decoder->storms = NULL;
}

/* Text for people: the last whole line is kept. */
static void on_text(struct decoder *decoder, const u8 *bytes, size_t count)
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

/* Frames are missing before this one: of the storm under way, and of this one's. */
static void miss(struct decoder *decoder, u64 frames, const struct frame *frame)
{
	decoder->lost += frames;
	decoder_histogram_drop(decoder); /* its end may be among them */
	if (decoder->open)
		decoder_damage(decoder, decoder->storm);
	if (frame->type != WIRE_BEGIN)
		decoder_damage(decoder, frame->storm);
}

/* The image is not heard of again: what it was doing is not whole. */
static void report_over(struct decoder *decoder)
{
	if (decoder->ended || !decoder->frames)
		return;
	decoder->broken++;
	if (decoder->open)
		decoder_damage(decoder, decoder->storm);
}

/* False: the frame has been there before. */
static bool sequence_accept(struct decoder *decoder, const struct frame *frame)
{
	u32 gap;

	if (frame->type == WIRE_HELLO && !frame->sequence) {
		report_over(decoder);
		decoder->boots++;
		decoder->sequence = 0;
		decoder->open = 0;
		decoder_histogram_drop(decoder);
		decoder->ended = decoder->plan_of_boot = false;
	}
	gap = frame->sequence - decoder->sequence;
	if (gap > ~0U / 2)
		return false;
	if (gap)
		miss(decoder, gap, frame);
	decoder->sequence = frame->sequence + 1;
	return true;
}

static int on_frame(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	int err;

	if (!sequence_accept(decoder, frame)) {
		decoder->damaged++;
		return 0;
	}
	decoder->frames++;
	err = decoder_dispatch(decoder, frame, payload);
	if (err == -EPROTO) {
		decoder->damaged++;
		miss(decoder, 1, frame);
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
		on_text(decoder, at, text);
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
	*err = on_frame(decoder, &frame, at + sizeof(frame));
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

/* What waits for bytes that never come was damaged; whole frames may lie behind its head. */
static int decode_rest(struct decoder *decoder)
{
	int err = decode(decoder);

	while (!err && decoder->used) {
		if (decoder->used >= sizeof(struct frame))
			decoder->damaged++;
		decoder->used--;
		memmove(decoder->buffer, decoder->buffer + 1, decoder->used);
		err = decode(decoder);
	}
	return err;
}

const char *decoder_fault(const struct decoder *decoder, u16 storm)
{
	const struct decoder_storm *state = &decoder->storms[storm];

	if (state->damaged)
		return state->results || state->begun
			       ? "a part of what the image sent of it was lost"
			       : "what the image sent of it was lost";
	if (state->over || state->results >= state->asked)
		return NULL;
	return state->begun ? "the image's report breaks off in it"
			    : "the image's report does not have it";
}

/* The first of the plan that is not whole; WIRE_NO_STORM: all are. */
static u16 first_fault(const struct decoder *decoder)
{
	if (decoder->open && decoder_fault(decoder, decoder->storm))
		return decoder->storm;
	for (u32 i = 0; i < storm_count; i++)
		if (decoder_fault(decoder, i))
			return i;
	return WIRE_NO_STORM;
}

static int say_broken(const struct decoder *decoder, char *why)
{
	u16 storm = first_fault(decoder);

	snprintf(why, HV_WHY,
		 "the image's report breaks off after %llu frames (in storm: %s)%s%.150s",
		 (unsigned long long)decoder->frames,
		 storm < storm_count ? storms[storm].name : "none",
		 *decoder->line ? "; it said: " : "", decoder->line);
	return -EBADMSG;
}

int decoder_finish(struct decoder *decoder, char *why)
{
	int err = decode_rest(decoder);
	u16 storm;

	if (err) {
		snprintf(why, HV_WHY, "the report was not taken");
		return err;
	}
	on_text(decoder, (const u8 *)"\n", 1);
	report_over(decoder);
	if (decoder->ended && decoder->end.frames > decoder->sequence)
		decoder->lost += decoder->end.frames - decoder->sequence;
	if (decoder->ended && decoder->end.status) {
		snprintf(why, HV_WHY, "%s", decoder->end.why);
		return decoder->end.status;
	}
	if (decoder->broken || !decoder->frames)
		return say_broken(decoder, why);
	storm = first_fault(decoder);
	if (decoder->lost || decoder->damaged || storm != WIRE_NO_STORM) {
		snprintf(why, HV_WHY, "%llu frames were lost on the way; hit: %s",
			 (unsigned long long)decoder->lost,
			 storm < storm_count ? storms[storm].name : "no storm");
		return -EBADMSG;
	}
	return 0;
}
