// SPDX-License-Identifier: GPL-2.0-or-later
/* Captures of which frames are lost or damaged. */
#include "fake_stream.h"

static void test_garbage_around_frames_is_skipped(void **state)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	char why[HV_WHY];

	for (u32 i = 0; i < stream->frames; i++) {
		size_t end = i + 1 < stream->frames ? stream->at[i + 1] : stream->used;

		put(with, "\r\n[ 0.1] hello STR\xff\0STRESTRE", 27);
		put(with, stream->bytes + stream->at[i], end - stream->at[i]);
	}
	put(with, "login: ", 7);
	/* A magic in the text is reported as damage, but no storm is incomplete because of it. */
	assert_int_equal(whole(with->bytes, with->used, why) & 7, 7);
	free(with);
	free(stream);
}

static void test_each_lost_frame_is_noticed(void **state)
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
			u32 damaged = (lost - BEGIN(0)) / 4;

			assert_int_equal(good & 7, 7 & ~(1 << damaged));
			assert_non_null(strstr(why, storms[list[damaged]].name));
		} else if (lost == END_FRAME) {
			assert_int_equal(good & 7, 7);
			assert_non_null(strstr(why, "ends early"));
		}
		free(cut);
	}
	free(stream);
}

static void test_each_damaged_byte_is_noticed(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	for (size_t at = 0; at < stream->used; at += 7) {
		u32 good;

		stream->bytes[at] ^= 0x10;
		good = whole(stream->bytes, stream->used, why);
		stream->bytes[at] ^= 0x10;
		assert_int_equal(good >> 31, 0);
		/* A frame belongs to at most one storm. */
		if (at >= stream->at[BEGIN(0)])
			assert_true((good & 7) == 7 || (good & 7) == 6 || (good & 7) == 5 ||
				    (good & 7) == 3);
	}
	free(stream);
}

static void test_a_stream_cut_anywhere_is_incomplete(void **state)
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
	/* The storm within which the stream ends is named. */
	whole(stream->bytes, stream->at[BEGIN(1) + 2], why);
	assert_non_null(strstr(why, "ends early"));
	assert_non_null(strstr(why, "vmcall"));
	free(stream);
}

static void test_a_damaged_length_hides_no_frame(void **state)
{
	struct stream *stream = make(state);
	char why[HV_WHY];

	/* The length is beyond the end of the stream: the frames after it must still be found. */
	stream->bytes[stream->at[BEGIN(1)] + offsetof(struct frame, length) + 1] = 0xff;
	assert_int_equal(whole(stream->bytes, stream->used, why), 7 & ~2);
	assert_non_null(strstr(why, "vmcall"));
	free(stream);
}

static void test_duplicate_frames_are_ignored(void **state)
{
	struct stream *stream = make(state), *twice = calloc(1, sizeof(*twice));
	char why[HV_WHY];

	put(twice, stream->bytes, stream->at[BEGIN(1)]);
	put(twice, stream->bytes + stream->at[BEGIN(0)], stream->used - stream->at[BEGIN(0)]);
	assert_int_equal(whole(twice->bytes, twice->used, why), 7);
	free(twice);
	free(stream);
}

/* Intact frames of a made-up capture: collectors would size their memory by this range. */
static void test_a_false_range_is_refused(void **state)
{
	static const u64 range[][2] = {{8, 9}, {7, 8},		{7, 10},   {6, 9},
				       {9, 7}, {0, 1ULL << 42}, {500, 500}};
	char why[HV_WHY];

	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
		struct stream *stream = make(state);
		u8 *at = stream->bytes + stream->at[BEGIN(1) + 2];
		struct wire_histogram head;
		struct frame frame;

		memcpy(&frame, at, sizeof(frame));
		memcpy(&head, at + sizeof(frame), sizeof(head));
		head.min = range[i][0];
		head.max = range[i][1];
		memcpy(at + sizeof(frame), &head, sizeof(head));
		wire_seal(&frame, at + sizeof(frame), frame.length, "", 0);
		memcpy(at, &frame, sizeof(frame));
		assert_int_equal(whole(stream->bytes, stream->used, why) & 7, 5);
		assert_int_equal(seen.histograms[1], 0);
		free(stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_garbage_around_frames_is_skipped),
		cmocka_unit_test(test_each_lost_frame_is_noticed),
		cmocka_unit_test(test_each_damaged_byte_is_noticed),
		cmocka_unit_test(test_a_stream_cut_anywhere_is_incomplete),
		cmocka_unit_test(test_a_damaged_length_hides_no_frame),
		cmocka_unit_test(test_duplicate_frames_are_ignored),
		cmocka_unit_test(test_a_false_range_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
