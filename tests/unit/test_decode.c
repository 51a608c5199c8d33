// SPDX-License-Identifier: GPL-2.0-or-later
/* Intact captures of an image's serial line. */
#include "fake_stream.h"

static void test_a_stream_in_pieces_of_any_size(void **state)
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

/* Decodes a capture with controls. Returns 10 * (those of every VM) + those of the storm, or -1. */
static int controls_received(void **state, u16 storm, const struct wire_control *wire, u32 bytes)
{
	struct stream *stream = make(state), *with = calloc(1, sizeof(*with));
	struct decoder decoder;
	char why[HV_WHY];
	int received;

	(void)stream;
	put_head(with, list, STORMS);
	put_frame(with, WIRE_CONTROLS, storm, wire, bytes, "", 0);
	for (u32 i = 0; i < STORMS; i++)
		put_storm(with, list[i]);
	put_end(with, 0, "");
	received = decode(&decoder, with->bytes, with->used, 4096, why) ? -1 : 0;
	if (!received)
		received = seen.controls[0] * 10 + seen.controls[1];
	assert_int_equal(decoder.refused, received < 0);
	decoder_close(&decoder);
	free(with);
	free(stream);
	return received;
}

static void test_controls_are_passed_on_or_refused(void **state)
{
	struct wire_control wire[HV_CONTROLS + 1] = {{"primary", "HLT exiting", 1},
						     {"primary", "RDTSC exiting", 0}};

	assert_int_equal(controls_received(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), 20);
	assert_int_equal(
		controls_received(state, storm_find("cpuid") - storms, wire, sizeof(*wire)), 1);
	assert_int_equal(controls_received(state, storm_count, wire, sizeof(*wire)), -1);
	assert_int_equal(controls_received(state, WIRE_NO_STORM, wire, sizeof(*wire) - 1), -1);
	assert_int_equal(controls_received(state, WIRE_NO_STORM, wire, sizeof(wire)), -1);
	wire[1].name[3] = '\n'; /* a control character */
	assert_int_equal(controls_received(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), -1);
	memset(wire[1].name, 'x', sizeof(wire[1].name)); /* not terminated */
	assert_int_equal(controls_received(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), -1);
	wire[1].name[0] = 0;
	assert_int_equal(controls_received(state, WIRE_NO_STORM, wire, 2 * sizeof(*wire)), -1);
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

static void test_several_boots_make_one_run(void **state)
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
	/* The second boot sends no END. */
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

static void test_the_status_of_an_image_is_passed_on(void **state)
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

static void test_the_last_message_is_quoted(void **state)
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

static void test_invalid_plans_are_refused(void **state)
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
	WITH(plan.setting[SETTING_MODEL] = 256); /* not cut to 8 bits */
	WITH(plan.setting[SETTING_DELAY] = DELAY_MAX + 1);
	WITH(plan.setting[SETTING_DELAY] = ~0U);
	WITH(plan.setting[SETTING_DELAY] = HV_MIN_DELAY - 1);
	WITH(plan.setting[SETTING_DELAY] = 101);
	bad = plan;
	bad.plan.setting[SETTING_DELAY] = DELAY_MAX;
	assert_null(wire_plan_fault(&bad, sizeof(bad)));
}

static u32 findings;

static int count_finding(void *arg, const struct clock_finding *finding)
{
	(void)arg;
	findings += finding->kind == CLOCK_INSTRUCTIONS && finding->error == 3;
	return 0;
}

/* Frames of HELLO: `bytes` of one with this clock. Returns the findings that the sink received. */
static u32 hello_received(u32 kind, u32 bytes, bool *foreign, bool *damaged)
{
	static const struct run_sink sink = {.clock = count_finding};
	struct wire_hello hello = {.size = sizeof(hello),
				   .tables = wire_tables(),
				   .clock = {.kind = kind, .step = 1, .error = 3}};
	struct stream *stream = calloc(1, sizeof(*stream));
	struct decoder decoder;

	findings = 0;
	put_frame(stream, WIRE_HELLO, WIRE_NO_STORM, &hello, bytes, "", 0);
	assert_int_equal(decoder_open(&decoder, &sink), 0);
	assert_int_equal(decoder_feed(&decoder, stream->bytes, stream->used), 0);
	*foreign = decoder.foreign;
	*damaged = decoder.damaged + decoder.refused;
	assert_int_equal(decoder.hello_seen, findings);
	decoder_close(&decoder);
	free(stream);
	return findings;
}

static void test_the_clock_is_passed_on_or_refused(void **state)
{
	u32 whole = sizeof(struct wire_hello);
	bool foreign, damaged;

	(void)state;
	assert_int_equal(hello_received(CLOCK_INSTRUCTIONS, whole, &foreign, &damaged), 1);
	assert_false(foreign || damaged);
	assert_int_equal(hello_received(CLOCK_KINDS, whole, &foreign, &damaged), 0);
	assert_true(damaged);
	/* An intact frame of another length is another build's. */
	assert_int_equal(hello_received(CLOCK_INSTRUCTIONS, whole - 8, &foreign, &damaged), 0);
	assert_true(foreign && !damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stream_in_pieces_of_any_size),
		cmocka_unit_test(test_controls_are_passed_on_or_refused),
		cmocka_unit_test(test_text_around_frames_is_no_damage),
		cmocka_unit_test(test_several_boots_make_one_run),
		cmocka_unit_test(test_the_status_of_an_image_is_passed_on),
		cmocka_unit_test(test_the_last_message_is_quoted),
		cmocka_unit_test(test_invalid_plans_are_refused),
		cmocka_unit_test(test_the_clock_is_passed_on_or_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
