// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal_frame.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/why.h"
#include "../wire/parts.h"

#define MAGIC	  0x4c4e4a45   /* "EJNL" */
#define MAX_COUNT (1ULL << 62) /* JSON's integers are signed */

static int make_room(struct journal_bytes *bytes, size_t more)
{
	size_t room = bytes->room ? bytes->room : 4096;
	u8 *at;

	while (room < bytes->used + more)
		room *= 2;
	if (room == bytes->room)
		return 0;
	at = realloc(bytes->at, room);
	if (!at)
		return -ENOMEM;
	bytes->at = at;
	bytes->room = room;
	return 0;
}

static void add(struct journal_bytes *bytes, const void *from, size_t count)
{
	if (count)
		memcpy(bytes->at + bytes->used, from, count);
	bytes->used += count;
}

int journal_join(struct journal_bytes *bytes, const struct journal_bytes *more)
{
	if (make_room(bytes, more->used))
		return -ENOMEM;
	add(bytes, more->at, more->used);
	return 0;
}

static u32 checksum(const struct journal_frame *frame, const u8 *payload)
{
	struct journal_frame header = *frame;

	header.crc32c = 0;
	return wire_crc32c(wire_crc32c(0, &header, sizeof(header)), payload, frame->length);
}

int journal_put(struct journal_bytes *bytes, enum journal_type type, u32 storm, const void *head,
		size_t head_bytes, const void *tail, size_t tail_bytes)
{
	struct journal_frame frame = {
		.magic = MAGIC,
		.type = type,
		.storm = storm < storm_count ? storm : JOURNAL_NO_STORM,
		.length = head_bytes + tail_bytes,
	};
	size_t begin = bytes->used;

	if (make_room(bytes, sizeof(frame) + frame.length))
		return -ENOMEM;
	bytes->used += sizeof(frame);
	add(bytes, head, head_bytes);
	add(bytes, tail, tail_bytes);
	frame.crc32c = checksum(&frame, bytes->at + begin + sizeof(frame));
	memcpy(bytes->at + begin, &frame, sizeof(frame));
	return 0;
}

int journal_put_histogram(struct journal_bytes *bytes, const struct storm_result *result, u16 leg,
			  u16 clean, const struct histogram *histogram)
{
	struct journal_histogram head = {
		.part = {result->repeat, result->vcpu, result->status},
		.leg = leg,
		.clean = clean,
		.count = histogram->count,
		.min = histogram->min,
		.max = histogram->max,
		.sum = histogram->sum,
	};
	struct journal_bucket *bucket;
	u32 first, last, used = 0;
	int err;

	if (!histogram->count)
		return 0;
	histogram_used(histogram, &first, &last);
	bucket = calloc(last - first + 1, sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	for (u32 i = first; i <= last; i++)
		if (histogram->bucket[i])
			bucket[used++] = (struct journal_bucket){i, 0, histogram->bucket[i]};
	err = journal_put(bytes, JOURNAL_HISTOGRAM, result->storm, &head, sizeof(head), bucket,
			  used * sizeof(*bucket));
	free(bucket);
	return err;
}

int journal_put_controls(struct journal_bytes *bytes, u32 storm, const struct hv_control *controls,
			 u32 count)
{
	struct journal_control *list = calloc(count + 1, sizeof(*list));
	int err;

	if (!list)
		return -ENOMEM;
	for (u32 i = 0; i < count; i++) {
		strncpy(list[i].group, controls[i].group, HV_CONTROL_GROUP - 1);
		strncpy(list[i].name, controls[i].name, HV_CONTROL_NAME - 1);
		list[i].value = controls[i].value;
	}
	err = journal_put(bytes, JOURNAL_CONTROLS, storm, list, count * sizeof(*list), NULL, 0);
	free(list);
	return err;
}

size_t journal_frame_at(const u8 *bytes, size_t left, struct journal_frame *frame)
{
	if (left < sizeof(*frame))
		return 0;
	memcpy(frame, bytes, sizeof(*frame));
	if (frame->magic != MAGIC || frame->type >= JOURNAL_TYPES ||
	    frame->length > JOURNAL_PAYLOAD || left - sizeof(*frame) < frame->length ||
	    checksum(frame, bytes + sizeof(*frame)) != frame->crc32c)
		return 0;
	return sizeof(*frame) + frame->length;
}

/* Back. The file may have been written by anyone: a right CRC proves nothing. */

static bool part_valid(const struct plan *plan, u32 storm, const struct journal_part *part)
{
	return storm < storm_count && part->repeat < plan->repeats &&
	       part->vcpu < runner_vcpus(&storms[storm], plan) && part->status >= STORM_MEASURED &&
	       part->status <= STORM_FAILED;
}

static int apply_result(const struct plan *plan, const struct run_sink *sink,
			const struct journal_frame *frame, const u8 *payload)
{
	struct storm_result result;
	struct journal_part part;

	if (frame->length != sizeof(result))
		return -EBADMSG;
	memcpy(&result, payload, sizeof(result));
	part = (struct journal_part){result.repeat, result.vcpu, result.status};
	if (result.size != sizeof(result) || result.storm != frame->storm ||
	    !part_valid(plan, result.storm, &part))
		return -EBADMSG;
	if (!parts_result_valid(&result))
		return -EBADMSG;
	result.why[sizeof(result.why) - 1] = 0;
	why_clean(result.why);
	return sink->result(sink->arg, &result);
}

static u32 bucket_of(u64 ticks)
{
	u32 index = histogram_index(ticks, HISTOGRAM_SUB_BITS);

	return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

/* Fills in the buckets, which ascend. Those who add them up trust in min, max and count. */
static bool buckets_valid(const struct journal_histogram *head, const u8 *payload, size_t buckets,
			  struct histogram *histogram)
{
	struct journal_bucket bucket = {0};
	u64 count = 0, next = 0, mean;

	for (size_t i = 0; i < buckets; i++) {
		memcpy(&bucket, payload + i * sizeof(bucket), sizeof(bucket));
		if (bucket.bucket < next || bucket.bucket >= HISTOGRAM_BUCKETS || !bucket.count ||
		    bucket.count > MAX_COUNT - count ||
		    (!i && bucket.bucket != bucket_of(head->min)))
			return false;
		histogram->bucket[bucket.bucket] = bucket.count;
		count += bucket.count;
		next = bucket.bucket + 1;
	}
	mean = count ? head->sum / count : 0;
	return count && count == head->count && head->min <= head->max && head->max <= 1ULL << 63 &&
	       bucket.bucket == bucket_of(head->max) && mean >= head->min && mean <= head->max;
}

static int apply_histogram(const struct plan *plan, const struct run_sink *sink,
			   const struct journal_frame *frame, const u8 *payload)
{
	struct histogram *histogram;
	struct journal_histogram head;
	struct storm_result result;
	size_t bytes = frame->length - sizeof(head);
	int err = -EBADMSG;

	if (frame->length < sizeof(head) || bytes % sizeof(struct journal_bucket))
		return -EBADMSG;
	memcpy(&head, payload, sizeof(head));
	if (!part_valid(plan, frame->storm, &head.part) || head.leg >= LEGS || head.clean > 1)
		return -EBADMSG;
	result = (struct storm_result){.size = sizeof(result),
				       .storm = frame->storm,
				       .repeat = head.part.repeat,
				       .vcpu = head.part.vcpu,
				       .status = head.part.status};
	histogram = calloc(1, sizeof(*histogram));
	if (!histogram)
		return -ENOMEM;
	if (buckets_valid(&head, payload + sizeof(head), bytes / sizeof(struct journal_bucket),
			  histogram)) {
		histogram->count = head.count;
		histogram->min = head.min;
		histogram->max = head.max;
		histogram->sum = head.sum;
		err = sink->histogram(sink->arg, &result, head.leg, head.clean, histogram);
	}
	free(histogram);
	return err;
}

static int apply_controls(const struct plan *plan, const struct run_sink *sink,
			  const struct journal_frame *frame, const u8 *payload)
{
	u32 count = frame->length / sizeof(struct journal_control);
	struct journal_control list[HV_CONTROLS];
	struct hv_control control[HV_CONTROLS];

	(void)plan;
	if (frame->length % sizeof(*list) || count > HV_CONTROLS || !sink->controls ||
	    (frame->storm >= storm_count && frame->storm != JOURNAL_NO_STORM))
		return -EBADMSG;
	memcpy(list, payload, frame->length);
	for (u32 i = 0; i < count; i++) {
		if (!why_is_text(list[i].group, sizeof(list[i].group)) ||
		    !why_is_text(list[i].name, sizeof(list[i].name)))
			return -EBADMSG;
		control[i] = (struct hv_control){list[i].group, list[i].name, list[i].value};
	}
	return sink->controls(sink->arg,
			      frame->storm == JOURNAL_NO_STORM ? RUNNER_EVERY_STORM : frame->storm,
			      control, count);
}

static bool value_valid(struct counter_value *value, const u8 *from)
{
	u8 counted;

	memcpy(&counted, from + offsetof(struct counter_value, counted), 1);
	if (counted > 1) /* any other byte is no bool */
		return false;
	memcpy(value, from, sizeof(*value));
	value->why[sizeof(value->why) - 1] = 0;
	why_clean(value->why);
	return why_is_text(value->name, sizeof(value->name)) && (u32)value->side < COUNTER_SIDES &&
	       isfinite(value->count) && isfinite(value->empty) && value->batches < MAX_COUNT &&
	       value->enabled_ns < MAX_COUNT && value->running_ns < MAX_COUNT;
}

static int apply_counters(const struct plan *plan, const struct run_sink *sink,
			  const struct journal_frame *frame, const u8 *payload)
{
	static struct counter_value list[COUNTERS_VALUES];
	size_t bytes = frame->length - sizeof(struct journal_part), count = bytes / sizeof(*list);
	struct storm_result result = {.size = sizeof(result), .storm = frame->storm};
	struct journal_part part;

	if (frame->length < sizeof(part) || bytes % sizeof(*list) || count > COUNTERS_VALUES ||
	    !sink->counters)
		return -EBADMSG;
	memcpy(&part, payload, sizeof(part));
	if (!part_valid(plan, frame->storm, &part))
		return -EBADMSG;
	result.repeat = part.repeat;
	result.vcpu = part.vcpu;
	result.status = part.status;
	for (size_t i = 0; i < count; i++)
		if (!value_valid(&list[i], payload + sizeof(part) + i * sizeof(*list)))
			return -EBADMSG;
	return sink->counters(sink->arg, &result, list, count);
}

static int apply_clock(const struct plan *plan, const struct run_sink *sink,
		       const struct journal_frame *frame, const u8 *payload)
{
	struct clock_finding finding;

	(void)plan;
	if (frame->length != sizeof(finding) || !sink->clock)
		return -EBADMSG;
	memcpy(&finding, payload, sizeof(finding));
	return finding.kind < CLOCK_KINDS && finding.step && finding.cpus
		       ? sink->clock(sink->arg, &finding)
		       : -EBADMSG;
}

int journal_apply(const struct plan *plan, const struct run_sink *sink,
		  const struct journal_frame *frame, const u8 *payload)
{
	static int (*const apply[JOURNAL_TYPES])(const struct plan *, const struct run_sink *,
						 const struct journal_frame *, const u8 *) = {
		[JOURNAL_RESULT] = apply_result,     [JOURNAL_HISTOGRAM] = apply_histogram,
		[JOURNAL_CONTROLS] = apply_controls, [JOURNAL_COUNTERS] = apply_counters,
		[JOURNAL_CLOCK] = apply_clock,
	};

	return apply[frame->type] ? apply[frame->type](plan, sink, frame, payload) : -EBADMSG;
}
