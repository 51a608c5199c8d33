// SPDX-License-Identifier: GPL-2.0-or-later
/* Handlers of frames, one per type. */
#include "dispatch.h"
#include "../../results/why.h"

#include <errno.h>
#include <string.h>

void decoder_damage(struct decoder *decoder, u16 storm)
{
	if (storm < storm_count)
		decoder->storms[storm].damaged = true;
}

void decoder_histogram_drop(struct decoder *decoder)
{
	struct histogram *histogram = decoder->histogram;

	if (decoder->low <= decoder->high)
		memset(&histogram->bucket[decoder->low], 0,
		       (decoder->high - decoder->low + 1) * sizeof(histogram->bucket[0]));
	decoder->histogram_count = 0;
	decoder->low = HISTOGRAM_BUCKETS;
	decoder->high = 0;
}

static struct storm_result result_of(u16 storm, const struct wire_part *part)
{
	return (struct storm_result){.size = sizeof(struct storm_result),
				     .storm = storm,
				     .repeat = part->repeat,
				     .vcpu = part->vcpu,
				     .status = part->status};
}

static int on_result(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct decoder_storm *state;
	struct storm_result result;
	int err;

	if (frame->length != sizeof(result))
		return -EPROTO;
	memcpy(&result, payload, sizeof(result));
	result.why[sizeof(result.why) - 1] = 0;
	why_clean(result.why);
	if (result.size != sizeof(result) || result.storm != frame->storm)
		return -EPROTO;
	err = parts_result(&decoder->plan.plan, decoder->storms, &result);
	if (err)
		return err;
	state = &decoder->storms[result.storm];
	state->over |= result.status >= STORM_SKIPPED;
	if (result.storm == decoder->storm && decoder->open)
		decoder->open = state->over ? 0 : decoder->open - 1;
	return decoder->sink->result(decoder->sink->arg, &result);
}

static int add_buckets(struct decoder *decoder, const struct wire_histogram *head,
		       const u8 *payload)
{
	struct wire_bucket bucket;

	for (u32 i = 0; i < head->buckets; i++) {
		memcpy(&bucket, payload + i * sizeof(bucket), sizeof(bucket));
		if (bucket.bucket >= HISTOGRAM_BUCKETS)
			return -EPROTO;
		if (!bucket.count)
			continue;
		decoder->histogram->bucket[bucket.bucket] += bucket.count;
		decoder->histogram_count += bucket.count;
		if (bucket.bucket < decoder->low)
			decoder->low = bucket.bucket;
		if (bucket.bucket > decoder->high)
			decoder->high = bucket.bucket;
	}
	return 0;
}

static u32 bucket_of(u64 ticks)
{
	u32 index = histogram_index(ticks, HISTOGRAM_SUB_BITS);

	return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

/*
 * Collectors size their memory by min and max: a capture whose buckets lie elsewhere would have
 * them write past it.
 */
static bool range_true(const struct decoder *decoder, const struct wire_histogram *head)
{
	return head->min <= head->max && bucket_of(head->min) == decoder->low &&
	       bucket_of(head->max) == decoder->high;
}

/* All frames of a histogram are there. */
static int histogram_complete(struct decoder *decoder, u16 storm, const struct wire_histogram *head)
{
	struct storm_result result = result_of(storm, &head->part);
	int err;

	if (decoder->histogram_count != head->count || !range_true(decoder, head))
		return -EPROTO;
	err = parts_histogram(&decoder->plan.plan, decoder->storms, storm, head);
	if (err)
		return err;
	decoder->histogram->count = head->count;
	decoder->histogram->min = head->min;
	decoder->histogram->max = head->max;
	decoder->histogram->sum = head->sum;
	if (head->clean != HISTOGRAM_BOTH)
		return decoder->sink->histogram(decoder->sink->arg, &result, head->leg, head->clean,
						decoder->histogram);
	for (u16 clean = 0; clean <= 1 && !err; clean++)
		err = decoder->sink->histogram(decoder->sink->arg, &result, head->leg, clean,
					       decoder->histogram);
	return err;
}

static int on_histogram(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_histogram head;
	int err;

	if (frame->length < sizeof(head))
		return -EPROTO;
	memcpy(&head, payload, sizeof(head));
	if (!parts_planned(&decoder->plan.plan, decoder->storms, frame->storm, &head.part) ||
	    frame->length != sizeof(head) + head.buckets * sizeof(struct wire_bucket))
		return -EPROTO;
	err = add_buckets(decoder, &head, payload + sizeof(head));
	if (err || head.more)
		return err;
	err = histogram_complete(decoder, frame->storm, &head);
	decoder_histogram_drop(decoder);
	return err;
}

static int on_records(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_part part;
	struct record record;
	struct storm_result result;
	int err;

	if (frame->length < sizeof(part) || (frame->length - sizeof(part)) % sizeof(record))
		return -EPROTO;
	memcpy(&part, payload, sizeof(part));
	err = parts_records(&decoder->plan.plan, decoder->storms, frame->storm, &part,
			    (frame->length - sizeof(part)) / sizeof(record));
	result = result_of(frame->storm, &part);
	for (size_t at = sizeof(part); at < frame->length && !err; at += sizeof(record)) {
		memcpy(&record, payload + at, sizeof(record));
		if (record.repeat != part.repeat || record.vcpu != part.vcpu)
			return -EPROTO;
		err = decoder->sink->records(decoder->sink->arg, &result, &record, 1);
	}
	return err;
}

/* The number of results of one repeat of a storm. */
static u32 results_expected(const struct decoder *decoder, u16 storm)
{
	return runner_senders(&storms[storm], runner_vcpus(&storms[storm], &decoder->plan.plan));
}

static int on_begin(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_part part;

	if (frame->length != sizeof(part))
		return -EPROTO;
	memcpy(&part, payload, sizeof(part));
	if (!parts_planned(&decoder->plan.plan, decoder->storms, frame->storm, &part))
		return -EPROTO;
	if (decoder->open) /* the storm before has not sent all its results */
		decoder_damage(decoder, decoder->storm);
	decoder->storm = frame->storm;
	decoder->storms[frame->storm].begun = true;
	decoder->open = results_expected(decoder, frame->storm);
	return 0;
}

static int on_hello(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	struct wire_hello hello;

	if (frame->length != sizeof(hello)) {
		decoder->foreign = true; /* the frame is intact: an older or newer build sent it */
		return 0;
	}
	memcpy(&hello, payload, sizeof(hello));
	if (hello.clock.kind >= CLOCK_KINDS)
		return -EPROTO;
	hello.backend[sizeof(hello.backend) - 1] = 0;
	hello.vendor[sizeof(hello.vendor) - 1] = 0;
	hello.brand[sizeof(hello.brand) - 1] = 0;
	hello.hypervisor[sizeof(hello.hypervisor) - 1] = 0;
	hello.tsc_source[sizeof(hello.tsc_source) - 1] = 0;
	/* CPUID leaves may hold any bytes; JSON and terminals take text only. */
	why_clean(hello.backend);
	why_clean(hello.vendor);
	why_clean(hello.brand);
	why_clean(hello.hypervisor);
	why_clean(hello.tsc_source);
	decoder->foreign |= hello.tables != wire_tables();
	/* One with more CPUs is the later one, when they run. */
	if (!decoder->hello_seen || hello.cpus > decoder->hello.cpus)
		decoder->hello = hello;
	decoder->hello_seen = true;
	return decoder->sink->clock ? decoder->sink->clock(decoder->sink->arg, &hello.clock) : 0;
}

/* A boot sends its plan twice; later boots send other storms or repeats of the same plan. */
static int on_plan(struct decoder *decoder, const struct frame *frame, const u8 *payload)
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
	for (u32 i = 0; i < plan.storms && !decoder->plan_of_boot; i++) {
		decoder->storms[plan.storm[i]].planned = true;
		decoder->storms[plan.storm[i]].asked +=
			plan.repeats * results_expected(decoder, plan.storm[i]);
	}
	decoder->plan_of_boot = true;
	return 0;
}

static int on_controls(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	u32 count = frame->length / sizeof(struct wire_control);
	bool every = frame->storm == WIRE_NO_STORM;
	struct wire_control wire[HV_CONTROLS];
	struct hv_control list[HV_CONTROLS];

	if (count > HV_CONTROLS || frame->length % sizeof(*wire) ||
	    (!every && (frame->storm >= storm_count || !decoder->storms[frame->storm].planned)))
		return -EPROTO;
	memcpy(wire, payload, frame->length);
	for (u32 i = 0; i < count; i++) {
		if (!why_is_text(wire[i].group, HV_CONTROL_GROUP) ||
		    !why_is_text(wire[i].name, HV_CONTROL_NAME))
			return -EPROTO;
		list[i] = (struct hv_control){wire[i].group, wire[i].name, wire[i].value};
	}
	if (!decoder->sink->controls)
		return 0;
	return decoder->sink->controls(decoder->sink->arg,
				       every ? RUNNER_EVERY_STORM : frame->storm, list, count);
}

static int on_end(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	if (frame->length != sizeof(decoder->end))
		return -EPROTO;
	memcpy(&decoder->end, payload, sizeof(decoder->end));
	decoder->end.why[sizeof(decoder->end.why) - 1] = 0;
	why_clean(decoder->end.why);
	decoder->ended = true;
	return 0;
}

static int on_progress(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	u64 operations;

	if (frame->length != sizeof(operations))
		return -EPROTO;
	memcpy(&operations, payload, sizeof(operations));
	run_progress(decoder->monitor, operations);
	return 0;
}

int decoder_dispatch(struct decoder *decoder, const struct frame *frame, const u8 *payload)
{
	static int (*const handler[])(struct decoder *, const struct frame *, const u8 *) = {
		[WIRE_PLAN] = on_plan,	       [WIRE_HELLO] = on_hello,
		[WIRE_BEGIN] = on_begin,       [WIRE_RESULT] = on_result,
		[WIRE_RECORDS] = on_records,   [WIRE_HISTOGRAM] = on_histogram,
		[WIRE_PROGRESS] = on_progress, [WIRE_END] = on_end,
		[WIRE_CONTROLS] = on_controls,
	};

	if (frame->type >= sizeof(handler) / sizeof(handler[0]) || !handler[frame->type])
		return -EPROTO;
	return handler[frame->type](decoder, frame, payload);
}
