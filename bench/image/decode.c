// SPDX-License-Identifier: GPL-2.0-or-later
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

static void hit(struct decoder *decoder, u16 storm)
{
	if (storm < storm_count)
		decoder->storms[storm].hit = true;
}

static void histogram_drop(struct decoder *decoder)
{
	if (decoder->histogram_count)
		memset(decoder->histogram, 0, sizeof(*decoder->histogram));
	decoder->histogram_count = 0;
}

/* Frames are missing before this one: of the storm under way, and of this one's. */
static void miss(struct decoder *decoder, u64 frames, const struct frame *frame)
{
	decoder->lost += frames;
	histogram_drop(decoder); /* its end may be among them */
	if (decoder->open)
		hit(decoder, decoder->storm);
	if (frame->type != WIRE_BEGIN)
		hit(decoder, frame->storm);
}

/* The image is not heard of again: what it was doing is not whole. */
static void boot_over(struct decoder *decoder)
{
	if (decoder->ended || !decoder->frames)
		return;
	decoder->broken++;
	if (decoder->open)
		hit(decoder, decoder->storm);
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
	struct decoder_storm *state;
	struct storm_result result;

	if (frame->length != sizeof(result))
		return -EPROTO;
	memcpy(&result, payload, sizeof(result));
	result.why[sizeof(result.why) - 1] = 0;
	if (result.size != sizeof(result) || result.storm >= storm_count ||
	    result.status < STORM_MEASURED || result.status > STORM_FAILED)
		return -EPROTO;
	state = &decoder->storms[result.storm];
	state->results++;
	state->over |= result.status >= STORM_SKIPPED;
	if (result.storm == decoder->storm && decoder->open)
		decoder->open = state->over ? 0 : decoder->open - 1;
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
	histogram_drop(decoder);
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

/* Results that one repeat of a storm has. */
static u32 senders(const struct decoder *decoder, u16 storm)
{
	u32 count = 0;

	for (u32 i = 0; i < runner_vcpus(&storms[storm], &decoder->plan.plan); i++)
		count += !runner_is_partner(&storms[storm], i);
	return count;
}

static int take_begin(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	(void)payload;
	if (frame->length != sizeof(struct wire_part) || frame->storm >= storm_count)
		return -EPROTO;
	if (decoder->open) /* it ended without a result, and without a word */
		hit(decoder, decoder->storm);
	decoder->storm = frame->storm;
	decoder->storms[frame->storm].begun = true;
	decoder->open = senders(decoder, frame->storm);
	return 0;
}

static int take_hello(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_hello hello;

	if (frame->length != sizeof(hello))
		return -EPROTO;
	memcpy(&hello, payload, sizeof(hello));
	hello.backend[sizeof(hello.backend) - 1] = 0;
	hello.vendor[sizeof(hello.vendor) - 1] = 0;
	hello.brand[sizeof(hello.brand) - 1] = 0;
	hello.hypervisor[sizeof(hello.hypervisor) - 1] = 0;
	decoder->foreign |= hello.tables != wire_tables();
	if (!decoder->hello_seen)
		decoder->hello = hello;
	decoder->hello_seen = true;
	return 0;
}

/* The same comes twice in a boot; what later boots ask for is more of the same plan. */
static int take_plan(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_plan plan;

	if (frame->length != sizeof(plan))
		return -EPROTO;
	memcpy(&plan, payload, sizeof(plan));
	decoder->foreign |= plan.tables != wire_tables();
	if (wire_plan_fault(&plan, frame->length))
		return -EPROTO;
	if (!decoder->plan_seen)
		decoder->plan = plan;
	decoder->plan_seen = true;
	decoder->plans_differ |= memcmp(&plan.plan, &decoder->plan.plan, sizeof(plan.plan)) != 0;
	for (u32 i = 0; i < plan.storms && !decoder->plan_of_boot; i++)
		decoder->storms[plan.storm[i]].asked +=
			plan.repeats * senders(decoder, plan.storm[i]);
	decoder->plan_of_boot = true;
	return 0;
}

static bool is_text(const char *text, size_t room)
{
	size_t length = strnlen(text, room);

	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return length && length < room;
}

static int take_controls(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	u32 count = frame->length / sizeof(struct wire_control);
	bool every = frame->storm == WIRE_NO_STORM;
	struct wire_control wire[HV_CONTROLS];
	struct hv_control list[HV_CONTROLS];

	if (count > HV_CONTROLS || frame->length % sizeof(*wire) ||
	    (!every && frame->storm >= storm_count))
		return -EPROTO;
	memcpy(wire, payload, frame->length);
	for (u32 i = 0; i < count; i++) {
		if (!is_text(wire[i].group, HV_CONTROL_GROUP) ||
		    !is_text(wire[i].name, HV_CONTROL_NAME))
			return -EPROTO;
		list[i] = (struct hv_control){wire[i].group, wire[i].name, wire[i].value};
	}
	if (!decoder->sink->controls)
		return 0;
	return decoder->sink->controls(decoder->sink->arg,
				       every ? RUNNER_EVERY_STORM : frame->storm, list, count);
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

/* False: the frame has been there before. */
static bool take_sequence(struct decoder *decoder, const struct frame *frame)
{
	u32 gap;

	if (frame->type == WIRE_HELLO && !frame->sequence) {
		boot_over(decoder);
		decoder->boots++;
		decoder->sequence = 0;
		decoder->open = 0;
		histogram_drop(decoder);
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

static int take_frame(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	static int (*const take[])(struct decoder *, const struct frame *, const u8 *) = {
		[WIRE_PLAN] = take_plan,	 [WIRE_HELLO] = take_hello,
		[WIRE_BEGIN] = take_begin,	 [WIRE_RESULT] = take_result,
		[WIRE_RECORDS] = take_records,	 [WIRE_HISTOGRAM] = take_histogram,
		[WIRE_PROGRESS] = take_progress, [WIRE_END] = take_end,
		[WIRE_CONTROLS] = take_controls,
	};
	int err = -EPROTO;

	if (!take_sequence(decoder, frame)) {
		decoder->damaged++;
		return 0;
	}
	decoder->frames++;
	if (frame->type < sizeof(take) / sizeof(take[0]) && take[frame->type])
		err = take[frame->type](decoder, frame, payload);
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

	if (state->hit)
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
	take_text(decoder, (const u8 *)"\n", 1);
	boot_over(decoder);
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
