// SPDX-License-Identifier: GPL-2.0-or-later
/* A run_sink that sends each call as frames. Image and module share it. */
#include "../../hv/host.h"
#include "agent.h"

#define BUCKETS_PER_FRAME 4096
#define RECORDS_PER_FRAME 512
#define PROGRESS_SHARE	  16 /* batches per frame of progress */

static u32 sequence;
static bool over[WIRE_MAX_STORMS];
static bool reported, reported_of[WIRE_MAX_STORMS]; /* controls have been sent */
static struct wire_bucket buckets[BUCKETS_PER_FRAME];

static void send(u8 type, u16 storm, const void *head, u32 head_bytes, const void *tail,
		 u32 tail_bytes)
{
	struct frame frame = {.type = type, .storm = storm, .sequence = sequence++};

	wire_seal(&frame, head, head_bytes, tail, tail_bytes);
	agent_put(&frame, sizeof(frame));
	agent_put(head, head_bytes);
	agent_put(tail, tail_bytes);
}

void agent_send(u8 type, u16 storm, const void *payload, u32 bytes)
{
	agent_line_lock();
	send(type, storm, payload, bytes, NULL, 0);
	agent_line_unlock();
}

void agent_send_end(s32 status, const char *why)
{
	struct wire_end end = {.status = status, .frames = sequence + 1};

	host_format(end.why, sizeof(end.why), "%s", why);
	agent_send(WIRE_END, WIRE_NO_STORM, &end, sizeof(end));
}

static struct wire_part part_of(const struct storm_result *result)
{
	return (struct wire_part){result->repeat, result->vcpu, result->status};
}

void agent_begin(void)
{
	sequence = 0;
	__builtin_memset(over, 0, sizeof(over));
	reported = false;
	__builtin_memset(reported_of, 0, sizeof(reported_of));
}

bool agent_over(u32 storm)
{
	return over[storm];
}

static int send_result(void *arg, const struct storm_result *result)
{
	(void)arg;
	over[result->storm] |= result->status >= STORM_SKIPPED;
	agent_send(WIRE_RESULT, result->storm, result, sizeof(*result));
	return 0;
}

/* One past the last bucket that may be used. */
static u32 bucket_end(const struct histogram *histogram)
{
	u32 last = histogram_index(histogram->max, HISTOGRAM_SUB_BITS);

	return last < HISTOGRAM_BUCKETS ? last + 1 : HISTOGRAM_BUCKETS;
}

/* Where the next frame of a histogram continues: in this bucket, of which `done` have been sent. */
struct cursor {
	u32 bucket;
	u64 done;
};

static bool any_left(const struct histogram *histogram, struct cursor *at)
{
	u32 end = bucket_end(histogram);

	while (at->bucket < end && histogram->bucket[at->bucket] == at->done)
		*at = (struct cursor){.bucket = at->bucket + 1};
	return at->bucket < end;
}

/* Fills buckets[]. One with more values than its count can hold is sent several times. */
static u32 fill_buckets(const struct histogram *histogram, struct cursor *at)
{
	u32 used = 0;

	while (used < BUCKETS_PER_FRAME && any_left(histogram, at)) {
		u64 left = histogram->bucket[at->bucket] - at->done;
		u32 count = left < ~0U ? left : ~0U;

		buckets[used++] = (struct wire_bucket){at->bucket, count};
		at->done += count;
	}
	return used;
}

static int send_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			  const struct histogram *histogram)
{
	struct wire_histogram head = {
		.part = part_of(result),
		.leg = leg,
		.clean = clean,
		.count = histogram->count,
		.min = histogram->min,
		.max = histogram->max,
		.sum = histogram->sum,
	};
	struct cursor at = {0};

	(void)arg;
	agent_line_lock();
	do {
		head.buckets = fill_buckets(histogram, &at);
		head.more = any_left(histogram, &at);
		send(WIRE_HISTOGRAM, result->storm, &head, sizeof(head), buckets,
		     head.buckets * sizeof(buckets[0]));
	} while (head.more);
	agent_line_unlock();
	return 0;
}

static int send_records(void *arg, const struct storm_result *result, const struct record *records,
			u32 count)
{
	struct wire_part head = part_of(result);

	(void)arg;
	agent_line_lock();
	for (u32 done = 0; done < count; done += RECORDS_PER_FRAME) {
		u32 part = count - done < RECORDS_PER_FRAME ? count - done : RECORDS_PER_FRAME;

		send(WIRE_RECORDS, result->storm, &head, sizeof(head), records + done,
		     part * sizeof(*records));
	}
	agent_line_unlock();
	return 0;
}

static int send_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
{
	static struct wire_control list[HV_CONTROLS];
	bool every = storm == RUNNER_EVERY_STORM;
	bool *done = every ? &reported : &reported_of[storm];
	u32 used = 0;

	(void)arg;
	for (u32 i = 0; i < count && !*done; i++) {
		if (every && !controls[i].value)
			continue;
		host_format(list[used].group, HV_CONTROL_GROUP, "%s", controls[i].group);
		host_format(list[used].name, HV_CONTROL_NAME, "%s", controls[i].name);
		list[used++].value = controls[i].value;
	}
	if (used)
		agent_send(WIRE_CONTROLS, every ? WIRE_NO_STORM : storm, list,
			   used * sizeof(*list));
	*done = true;
	return 0;
}

/* From any CPU: the lock protects the sum, too. */
static void send_progress(void *arg, u64 operations)
{
	static u64 waiting;
	static u32 calls;

	(void)arg;
	agent_line_lock();
	waiting += operations;
	if (++calls % PROGRESS_SHARE == 0) {
		send(WIRE_PROGRESS, WIRE_NO_STORM, &waiting, sizeof(waiting), NULL, 0);
		waiting = 0;
	}
	agent_line_unlock();
}

static bool stopped(void *arg)
{
	(void)arg;
	return agent_stopped();
}

const struct run_sink agent_sink = {
	.result = send_result,
	.histogram = send_histogram,
	.records = send_records,
	.controls = send_controls,
	.takes_both = true,
};

const struct run_monitor agent_monitor = {
	.progress = send_progress,
	.stopped = stopped,
};
