// SPDX-License-Identifier: GPL-2.0-or-later
/* Made-up captures: intact frames whose content does not fit the plan or the frames before. */
#include "fake_stream.h"

/* One field of one of the four frames of the second storm. */
struct lie {
	u32 frame; /* counted from its BEGIN */
	size_t offset, bytes;
	u64 value;
};

#define LIE(frame, type, field, value)                                          \
	{                                                                       \
		frame, offsetof(type, field), sizeof(((type *)0)->field), value \
	}

static void tell(struct stream *stream, const struct lie *lie)
{
	u8 *at = stream->bytes + stream->at[BEGIN(1) + lie->frame];
	struct frame frame;

	memcpy(&frame, at, sizeof(frame));
	memcpy(at + sizeof(frame) + lie->offset, &lie->value, lie->bytes);
	wire_seal(&frame, at + sizeof(frame), frame.length, "", 0);
	memcpy(at, &frame, sizeof(frame));
}

static void test_each_lie_costs_its_storm(void **state)
{
	static const struct lie lies[] = {
		LIE(0, struct wire_part, repeat, 1),
		LIE(0, struct wire_part, vcpu, 1),
		LIE(0, struct wire_part, status, STORM_FAILED + 1),
		LIE(2, struct wire_histogram, part.repeat, 1),
		LIE(2, struct wire_histogram, part.vcpu, 1),
		LIE(2, struct wire_histogram, part.vcpu, 0xffff),
		LIE(2, struct wire_histogram, part.status, -1),
		LIE(2, struct wire_histogram, leg, LEGS),
		LIE(2, struct wire_histogram, leg, LEG_ENTRY_FAIL), /* not a leg of the storm */
		LIE(2, struct wire_histogram, leg, LEG_TO_USER),    /* not without eBPF */
		LIE(2, struct wire_histogram, clean, 3),
		LIE(2, struct wire_histogram, count, 99),
		LIE(2, struct wire_histogram, count, 101),
		LIE(2, struct wire_histogram, count, 0),
		LIE(2, struct wire_histogram, sum, 699), /* means below min and above max */
		LIE(2, struct wire_histogram, sum, 901),
		LIE(2, struct wire_histogram, sum, ~0ULL),
		LIE(2, struct wire_histogram, min, 8),
		LIE(2, struct wire_histogram, min, 6),
		LIE(2, struct wire_histogram, max, 8),
		LIE(2, struct wire_histogram, max, 10),
		LIE(2, struct wire_histogram, max, ~0ULL),
		LIE(3, struct storm_result, size, 8),
		LIE(3, struct storm_result, storm, 0),
		LIE(3, struct storm_result, storm, ~0U),
		LIE(3, struct storm_result, repeat, 1),
		LIE(3, struct storm_result, vcpu, 1),
		LIE(3, struct storm_result, status, STORM_FAILED + 1),
		LIE(3, struct storm_result, seen, 1ULL << 63),
		LIE(3, struct storm_result, disturbed, ~0ULL),
		LIE(3, struct storm_result, control_ticks, ~0ULL),
		LIE(3, struct storm_result, period_operations, ~0ULL),
	};
	char why[HV_WHY];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct stream *stream = make(state);

		tell(stream, &lies[i]);
		if (whole(stream->bytes, stream->used, why) != (7 & ~2))
			fail_msg("lie %zu: %s", i, why);
		assert_non_null(
			strstr(why, "1 frames are invalid; first incomplete storm: vmcall"));
		if (lies[i].frame == 2)
			assert_int_equal(seen.histograms[1], 0);
		if (lies[i].frame == 3)
			assert_int_equal(seen.results[1], 0);
		free(stream);
	}
}

/* Appends the frames of a storm from `first` on, with the next sequence numbers. */
static void repeat_frames(struct stream *stream, const struct stream *from, u32 storm, u32 first,
			  u32 count)
{
	for (u32 i = first; i < first + count; i++) {
		const u8 *at = from->bytes + from->at[BEGIN(storm) + i];
		struct frame frame;

		memcpy(&frame, at, sizeof(frame));
		put_frame(stream, frame.type, frame.storm, at + sizeof(frame), frame.length, "", 0);
	}
}

static u32 with_frames_again(void **state, u32 storm, u32 first, u32 count, char *why)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	u32 good;

	put_head(with, list, STORMS);
	for (u32 i = 0; i < STORMS; i++)
		put_storm(with, list[i]);
	repeat_frames(with, stream, storm, first, count);
	put_end(with, 0, "");
	good = whole(with->bytes, with->used, why);
	free(with);
	free(stream);
	return good;
}

static void test_nothing_arrives_twice(void **state)
{
	char why[HV_WHY];

	assert_int_equal(with_frames_again(state, 1, 1, 2, why), 5); /* the histogram */
	assert_int_equal(seen.histograms[1], 1);
	assert_int_equal(with_frames_again(state, 1, 3, 1, why), 5); /* the result */
	assert_int_equal(seen.results[1], 1);
}

static void test_a_storm_that_the_plan_does_not_have(void **state)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	char why[HV_WHY];

	put_head(with, list, 2);
	for (u32 i = 0; i < STORMS; i++)
		put_storm(with, list[i]);
	put_end(with, 0, "");
	assert_int_equal(whole(with->bytes, with->used, why), 3);
	assert_int_equal(seen.histograms[2] + seen.results[2], 0);
	free(with);
	free(stream);
}

/* Before the plan is known; a caller that knows it says so. */
static void test_frames_before_the_plan(void **state)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	struct wire_plan plan;
	struct decoder decoder;

	put_storm(with, list[0]);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(decoder_open(&decoder, &sink), 0);
	assert_int_equal(decoder_feed(&decoder, with->bytes, with->used), 0);
	assert_int_equal(decoder.refused, 4);
	assert_int_equal(seen.histograms[0] + seen.results[0], 0);
	decoder_close(&decoder);

	memcpy(&plan, stream->bytes + stream->at[1] + sizeof(struct frame), sizeof(plan));
	assert_int_equal(decoder_open(&decoder, &sink), 0);
	decoder_expect(&decoder, &plan);
	assert_int_equal(decoder_feed(&decoder, with->bytes, with->used), 0);
	assert_int_equal(decoder.refused, 0);
	assert_int_equal(seen.histograms[0], 1);
	assert_int_equal(seen.results[0], 1);
	decoder_close(&decoder);
	free(with);
	free(stream);
}

/* Of the plan's samples; each of the repeat and vCPU that its frame names. */
static int records_refused(u32 samples, u32 count, u16 repeat)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct wire_part part = {0};
	struct record record[4] = {{.repeat = repeat}, {0}, {0}, {0}};
	struct wire_plan plan = {.storms = 1, .plan = {.repeats = 1, .vcpus = 1}};
	struct decoder decoder;
	int refused;

	plan.storm[0] = list[0];
	plan.plan.samples = samples;
	put_frame(stream, WIRE_RECORDS, list[0], &part, sizeof(part), record,
		  count * sizeof(record[0]));
	assert_int_equal(decoder_open(&decoder, &sink), 0);
	decoder_expect(&decoder, &plan);
	assert_int_equal(decoder_feed(&decoder, stream->bytes, stream->used), 0);
	refused = decoder.refused;
	decoder_close(&decoder);
	free(stream);
	return refused;
}

static void test_records_of_the_plan_only(void **state)
{
	free(make(state));
	assert_int_equal(records_refused(4, 4, 0), 0);
	assert_int_equal(records_refused(3, 4, 0), 1);
	assert_int_equal(records_refused(4, 4, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_lie_costs_its_storm),
		cmocka_unit_test(test_nothing_arrives_twice),
		cmocka_unit_test(test_a_storm_that_the_plan_does_not_have),
		cmocka_unit_test(test_frames_before_the_plan),
		cmocka_unit_test(test_records_of_the_plan_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
