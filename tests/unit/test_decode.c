// SPDX-License-Identifier: GPL-2.0-or-later
/* Captures of an image's serial line, whole and damaged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/wire/decode.h"

#define MOST_FRAMES 64

/* A capture under construction: where each frame begins, and of which storm it is. */
struct stream {
	u8 bytes[1 << 16];
	size_t used, at[MOST_FRAMES];
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

/* Four frames: begin, a histogram in two pieces, result. */
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

static int take_result(void *arg, const struct storm_result *result)
{
	(void)arg;
	seen.results[which(result)]++;
	return 0;
}

static int take_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
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

static int take_records(void *arg, const struct storm_result *result, const struct record *records,
			u32 count)
{
	(void)arg;
	(void)result;
	(void)records;
	(void)count;
	return 0;
}

static int take_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
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
	.result = take_result,
	.histogram = take_histogram,
	.records = take_records,
	.controls = take_controls,
};

/* Decodes in pieces of so many bytes; the decoder stays open. */
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

/* Decodes and says which storms are whole, a bit each; bit 31: all is well. */
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

static void test_whole_stream_in_any_pieces(void **state)
{
	static const size_t pieces[] = {1, 3, 24, 1000, 1 << 20};
	struct stream *stream = make(state);
	struct decoder decoder;
	char why[HV_WHY];

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(decode(&decoder, stream->bytes, stream->used, pieces[i], why), 0);
		for (u32 storm = 0; storm < STORMS; storm++) {
			assert_int_equal(seen.results[storm], 1);
			assert_int_equal(seen.histograms[storm], 1);
			assert_null(decoder_fault(&decoder, list[storm]));
		}
		assert_true(decoder.plan_seen && decoder.hello_seen);
		assert_int_equal(decoder.lost + decoder.damaged, 0);
		decoder_close(&decoder);
	}
	free(stream);
}

/* What of a capture with controls is taken: how many of every VM and of the storm's; -1: damaged.
 */
static int controls_taken(void **state, u16 storm, const struct wire_control *wire, u32 bytes)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	struct decoder decoder;
	char why[HV_WHY];
	int taken;

	(void)stream;
	put_head(with, list, STORMS);
	put_frame(with, WIRE_CONTROLS, storm, wire, bytes, "", 0);
	for (u32 i = 0; i < STORMS; i++)
		put_storm(with, list[i]);
	put_end(with, 0, "");
	taken = decode(&decoder, with->bytes, with->used, 4096, why) ? -1 : 0;
	if (!taken)
		taken = seen.controls[0] * 10 + seen.controls[1];
	assert_int_equal(decoder.damaged, taken < 0);
	decoder_close(&decoder);
	free(with);
	free(stream);
	return taken;
}

static void test_controls_are_taken_or_damaged(void **state)
{
	struct wire_control wire[HV_CONTROLS + 1] = {{"primary", "HLT exiting", 1},
						     {"primary", "RDTSC exiting", 0}};

	assert_int_equal(controls_taken(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), 20);
	assert_int_equal(controls_taken(state, storm_find("cpuid") - storms, wire, sizeof(*wire)),
			 1);
	assert_int_equal(controls_taken(state, storm_count, wire, sizeof(*wire)), -1);
	assert_int_equal(controls_taken(state, WIRE_NO_STORM, wire, sizeof(*wire) - 1), -1);
	assert_int_equal(controls_taken(state, WIRE_NO_STORM, wire, sizeof(wire)), -1);
	wire[1].name[3] = '\n'; /* for terminals */
	assert_int_equal(controls_taken(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), -1);
	memset(wire[1].name, 'x', sizeof(wire[1].name)); /* no end */
	assert_int_equal(controls_taken(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), -1);
	wire[1].name[0] = 0;
	assert_int_equal(controls_taken(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), -1);
}

static void test_garbage_around_frames_is_passed_over(void **state)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	char why[HV_WHY];

	for (u32 i = 0; i < stream->frames; i++) {
		size_t end = i + 1 < stream->frames ? stream->at[i + 1] : stream->used;

		put(with, "\r\n[ 0.1] hello STR\xff\0STRESTRE", 27);
		put(with, stream->bytes + stream->at[i], end - stream->at[i]);
	}
	put(with, "login: ", 7);
	/* The magic alone is no frame; nothing of the storms is lost by it, though it is said. */
	assert_int_equal(whole(with->bytes, with->used, why) & 7, 7);
	free(with);
	free(stream);
}

static void test_text_around_frames_is_no_damage(void **state)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	char why[HV_WHY];

	put(with, "SeaBIOS\r\nBooting...\r\n", 21);
	put(with, stream->bytes, stream->used);
	put(with, "\r\nlogin: ", 9);
	assert_int_equal(whole(with->bytes, with->used, why), ALL);
	free(with);
	free(stream);
}

static void test_every_lost_frame_is_missed_and_named(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	for (u32 lost = 0; lost < stream->frames; lost++) {
		struct stream *cut = calloc(1, sizeof(*cut));
		size_t end = lost + 1 < stream->frames ? stream->at[lost + 1] : stream->used;
		u32 good;

		put(cut, stream->bytes, stream->at[lost]);
		put(cut, stream->bytes + end, stream->used - end);
		good = whole(cut->bytes, cut->used, why);
		assert_int_equal(good >> 31, 0);
		assert_string_not_equal(why, "");
		if (lost >= BEGIN(0) && lost < END_FRAME) {
			u32 hit = (lost - BEGIN(0)) / 4;

			assert_int_equal(good & 7, 7 & ~(1 << hit));
			assert_non_null(strstr(why, storms[list[hit]].name));
		} else if (lost == END_FRAME) {
			assert_int_equal(good & 7, 7);
			assert_non_null(strstr(why, "ends early"));
		}
		free(cut);
	}
	free(stream);
}

static void test_every_damaged_byte_is_seen(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	for (size_t at = 0; at < stream->used; at += 7) {
		u32 good;

		stream->bytes[at] ^= 0x10;
		good = whole(stream->bytes, stream->used, why);
		stream->bytes[at] ^= 0x10;
		assert_int_equal(good >> 31, 0);
		/* One frame is of one storm at most. */
		if (at >= stream->at[BEGIN(0)])
			assert_true((good & 7) == 7 || (good & 7) == 6 || (good & 7) == 5 ||
				    (good & 7) == 3);
	}
	free(stream);
}

static void test_cut_anywhere_is_not_whole(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	for (size_t length = 0; length < stream->used; length += 11) {
		u32 good = whole(stream->bytes, length, why), done = 0;

		for (u32 i = 0; i < STORMS; i++)
			if (length >= stream->at[BEGIN(i + 1)])
				done |= 1 << i;
		assert_int_equal(good >> 31, 0);
		if (length >= stream->at[BEGIN(0)])
			assert_int_equal(good, done);
	}
	/* Within a storm: that one is named. */
	whole(stream->bytes, stream->at[BEGIN(1) + 2], why);
	assert_non_null(strstr(why, "ends early"));
	assert_non_null(strstr(why, "vmcall"));
	free(stream);
}

static void test_damaged_length_near_the_end_hides_nothing(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	/* The frame claims more than there is: those behind it must still be found. */
	stream->bytes[stream->at[BEGIN(1)] + offsetof(struct frame, length) + 1] = 0xff;
	assert_int_equal(whole(stream->bytes, stream->used, why), 7 & ~2);
	assert_non_null(strstr(why, "vmcall"));
	free(stream);
}

static void test_frames_that_come_twice_are_taken_once(void **state)
{
	struct stream *stream = make(state), *twice = calloc(1, sizeof(*twice));
	char why[HV_WHY];

	put(twice, stream->bytes, stream->at[BEGIN(1)]);
	put(twice, stream->bytes + stream->at[BEGIN(0)], stream->used - stream->at[BEGIN(0)]);
	assert_int_equal(whole(twice->bytes, twice->used, why), 7);
	free(twice);
	free(stream);
}

static void test_several_boots_are_one_run(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	stream->used = stream->frames = 0;
	for (u32 i = 0; i < STORMS; i++) {
		stream->sequence = 0;
		put_head(stream, &list[i], 1);
		put_storm(stream, list[i]);
		put_end(stream, 0, "");
	}
	assert_int_equal(whole(stream->bytes, stream->used, why), ALL);
	/* The second boot has no end. */
	stream->used = stream->frames = 0;
	for (u32 i = 0; i < STORMS; i++) {
		stream->sequence = 0;
		put_head(stream, &list[i], 1);
		put_storm(stream, list[i]);
		if (i == 1)
			stream->used = stream->at[stream->frames - 1];
		else
			put_end(stream, 0, "");
	}
	assert_int_equal(whole(stream->bytes, stream->used, why), 5);
	assert_non_null(strstr(why, "ends early"));
	free(stream);
}

static void test_image_that_gave_up_is_quoted(void **state)
{
	struct stream *stream = make(state);
	struct decoder decoder;
	char why[HV_WHY];

	stream->used = stream->frames = stream->sequence = 0;
	put_end(stream, -EOPNOTSUPP, "this CPU has no VMX");
	assert_int_equal(decode(&decoder, stream->bytes, stream->used, 100, why), -EOPNOTSUPP);
	assert_string_equal(why, "this CPU has no VMX");
	decoder_close(&decoder);
	free(stream);
}

static void test_last_words_are_quoted(void **state)
{
	struct stream *stream = make(state);
	static const char words[] = "\npanic: vector 14 (#PF)\n";
	struct decoder decoder;
	char why[HV_WHY];

	stream->used = stream->at[BEGIN(1) + 1];
	put(stream, words, sizeof(words) - 1);
	assert_int_equal(decode(&decoder, stream->bytes, stream->used, 100, why), -EBADMSG);
	assert_non_null(strstr(why, "panic: vector 14 (#PF)"));
	assert_non_null(strstr(why, "vmcall"));
	decoder_close(&decoder);
	free(stream);
}

static void test_plan_that_cannot_be_is_refused(void **state)
{
	struct wire_plan plan = {
		.size = sizeof(plan),
		.tables = wire_tables(),
		.storms = 1,
		.repeats = 1,
		.plan = {.exits = 1, .repeats = 1, .vcpus = 1},
	};
	struct wire_plan bad;

	(void)state;
	assert_null(wire_plan_fault(&plan, sizeof(plan)));
	assert_non_null(wire_plan_fault(&plan, sizeof(plan) - 1));
#define WITH(assignment)                                             \
	do {                                                         \
		bad = plan;                                          \
		bad.assignment;                                      \
		assert_non_null(wire_plan_fault(&bad, sizeof(bad))); \
	} while (0)
	WITH(size++);
	WITH(tables++);
	WITH(storms = WIRE_MAX_STORMS + 1);
	WITH(storm[0] = storm_count);
	WITH(repeats = 2);
	WITH(first_repeat = 1);
	WITH(plan.exits = 0);
	WITH(plan.vcpus = 0);
	WITH(plan.vcpus = GUEST_MAX_VCPUS + 1);
	WITH(plan.cpu_count = PLAN_MAX_CPUS + 1);
	WITH(plan.setting[SETTING_SLAT_PAGE] = 3);
	WITH(plan.setting[SETTING_MODEL] = 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_stream_in_any_pieces),
		cmocka_unit_test(test_controls_are_taken_or_damaged),
		cmocka_unit_test(test_garbage_around_frames_is_passed_over),
		cmocka_unit_test(test_text_around_frames_is_no_damage),
		cmocka_unit_test(test_every_lost_frame_is_missed_and_named),
		cmocka_unit_test(test_every_damaged_byte_is_seen),
		cmocka_unit_test(test_cut_anywhere_is_not_whole),
		cmocka_unit_test(test_damaged_length_near_the_end_hides_nothing),
		cmocka_unit_test(test_frames_that_come_twice_are_taken_once),
		cmocka_unit_test(test_several_boots_are_one_run),
		cmocka_unit_test(test_image_that_gave_up_is_quoted),
		cmocka_unit_test(test_last_words_are_quoted),
		cmocka_unit_test(test_plan_that_cannot_be_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
