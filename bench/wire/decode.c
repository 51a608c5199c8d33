// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds frames among text, detects lost ones by their sequence, reports the end of the stream. */
#include "decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (2 * (WIRE_MAX_PAYLOAD + sizeof(struct frame)))

int decoder_open(struct decoder *decoder, const struct run_sink *sink)
{
	*decoder = (struct decoder){
		.sink = sink, .room = ROOM, .storm = WIRE_NO_STORM, .low = HISTOGRAM_BUCKETS};
	decoder->buffer = malloc(ROOM);
	decoder->histogram = calloc(1, sizeof(*decoder->histogram));
	decoder->storms = calloc(storm_count, sizeof(*decoder->storms));
	if (decoder->buffer && decoder->histogram && decoder->storms)
		return 0;
	decoder_close(decoder);
	return -ENOMEM;
}

void decoder_expect(struct decoder *decoder, const struct wire_plan *plan)
{
	decoder->plan = *plan;
	decoder->plan_seen = true;
	for (u32 i = 0; i < plan->storms; i++)
		decoder->storms[plan->storm[i]].planned = true;
}

void decoder_close(struct decoder *decoder)
{
	parts_free(decoder->storms);
	free(decoder->buffer);
	free(decoder->histogram);
	free(decoder->storms);
	decoder->buffer = NULL;
	decoder->histogram = NULL;
	decoder->storms = NULL;
}

/* Text outside of frames. The last complete line is kept, for error messages. */
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

/*
 * Frames before this one are lost, or it is itself: they may be of the current storm, or of this
 * frame's.
 */
static void miss(struct decoder *decoder, u64 frames, const struct frame *frame)
{
	decoder->lost += frames;
	decoder_histogram_drop(decoder); /* its last part may be lost */
	if (decoder->open)
		decoder_damage(decoder, decoder->storm);
	if (frame->type != WIRE_BEGIN)
		decoder_damage(decoder, frame->storm);
}

/* A boot sends no more frames. Without an END frame its current storm is incomplete. */
static void boot_ends(struct decoder *decoder)
{
	if (decoder->ended || !decoder->frames)
		return;
	decoder->broken++;
	if (decoder->open)
		decoder_damage(decoder, decoder->storm);
}

/* False: a duplicate. */
static bool sequence_accept(struct decoder *decoder, const struct frame *frame)
{
	u32 gap;

	if (frame->type == WIRE_HELLO && !frame->sequence) {
		boot_ends(decoder);
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
		decoder->refused++;
		if (frame->storm < storm_count)
			decoder->storms[frame->storm].refused = true;
		miss(decoder, 0, frame);
		err = 0;
	}
	return err;
}

/* Bytes before the next magic, or before what may be the first part of one. */
static size_t text_length(const u8 *at, size_t left)
{
	static const u32 magic = WIRE_MAGIC;
	size_t length = 0;

	for (; length + sizeof(magic) <= left; length++)
		if (!memcmp(at + length, &magic, sizeof(magic)))
			return length;
	while (length < left && memcmp(at + length, &magic, left - length))
		length++;
	return length;
}

/* Handles text or one frame. Returns the bytes consumed; 0: more are needed. */
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
		return 1; /* search for the next magic; the gap in sequence shows the loss */
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

/* An incomplete frame at the end may be a damaged header with intact frames after it. */
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

	if (state->refused)
		return "a part of its results is invalid, or is there twice";
	if (state->damaged)
		return state->results || state->begun ? "a part of its results was lost on the line"
						      : "its results were lost on the line";
	if (state->over || state->results >= state->asked)
		return NULL;
	return state->begun ? "the image's report ends within it"
			    : "the image's report does not contain it";
}

/* The first incomplete storm of the plan; WIRE_NO_STORM: none. */
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
		 "the image's report ends early, after %llu frames (in storm: %s)%s%.150s",
		 (unsigned long long)decoder->frames,
		 storm < storm_count ? storms[storm].name : "none",
		 *decoder->line ? "; the image's last message: " : "", decoder->line);
	return -EBADMSG;
}

static int say_incomplete(const struct decoder *decoder, char *why)
{
	u16 storm = first_fault(decoder);
	char lost[80] = "", refused[40] = "";

	if (decoder->lost || !decoder->refused)
		snprintf(lost, sizeof(lost), "%llu frames were lost on the line%s",
			 (unsigned long long)decoder->lost, decoder->refused ? ", " : "");
	if (decoder->refused)
		snprintf(refused, sizeof(refused), "%llu frames are invalid",
			 (unsigned long long)decoder->refused);
	snprintf(why, HV_WHY, "%s%s; first incomplete storm: %s", lost, refused,
		 storm < storm_count ? storms[storm].name : "none");
	return -EBADMSG;
}

int decoder_finish(struct decoder *decoder, char *why)
{
	int err = decode_rest(decoder);

	if (err) {
		snprintf(why, HV_WHY, "the results could not be stored");
		return err;
	}
	on_text(decoder, (const u8 *)"\n", 1);
	boot_ends(decoder);
	if (decoder->ended && decoder->end.frames > decoder->sequence)
		decoder->lost += decoder->end.frames - decoder->sequence;
	if (decoder->ended && decoder->end.status) {
		snprintf(why, HV_WHY, "%s", decoder->end.why);
		return decoder->end.status;
	}
	if (decoder->broken || !decoder->frames)
		return say_broken(decoder, why);
	if (decoder->lost || decoder->damaged || decoder->refused ||
	    first_fault(decoder) != WIRE_NO_STORM)
		return say_incomplete(decoder, why);
	return 0;
}
