// SPDX-License-Identifier: GPL-2.0-or-later
/* Exits matched to operations, on made-up streams: counts, foreign exits, and the clocks' shift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "../../analysis/join/clock.h"
#include "../../analysis/join/match.h"

enum { OPERATIONS = 1200, BATCH = 200, EXITS = 2 * OPERATIONS };
#define SHIFT (-123456789012LL) /* guest's time less host's */

static struct record operation[OPERATIONS];
static struct join_exit exit_of[EXITS];
static struct join_stream stream;
static u64 seed;

static u64 random_below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

static void add_exit(u64 in, u64 ticks, u32 reason)
{
	exit_of[stream.count++] = (struct join_exit){in - SHIFT, in - SHIFT + ticks, reason};
}

/*
 * Operations in batches: 300 ticks to kvm_exit, 1,000 in the host, 200 back. jitter: of each part.
 * foreign: every n-th operation has a second exit, of reason 1; 0: none.
 */
static void make(u64 jitter, u32 foreign)
{
	u64 now = 1000000;

	seed = 7;
	stream = (struct join_stream){exit_of, 0};
	for (u32 i = 0; i < OPERATIONS; i++) {
		if (i % BATCH == 0)
			now += 50000 + random_below(10000);
		now += 30 + random_below(jitter + 1);
		operation[i] = (struct record){.guest_out = now, .iteration = i};
		now += 300 + random_below(jitter + 1);
		add_exit(now, 1000, 0);
		now += 1000;
		if (foreign && i % foreign == 0) {
			add_exit(now + 20, 500, 1);
			now += 520;
		}
		now += 200 + random_below(jitter + 1);
		operation[i].guest_in = now;
	}
}

static void test_each_operation_has_its_exits(void **state)
{
	(void)state;
	make(50, 10);
	for (u32 i = 0; i < OPERATIONS; i++) {
		struct join_found found = join_find(&stream, SHIFT, &operation[i]);

		assert_int_equal(found.count, i % 10 ? 1 : 2);
		assert_int_equal(exit_of[found.first].reason, 0);
		if (found.count == 2)
			assert_int_equal(exit_of[found.first + 1].reason, 1);
	}
}

static void test_the_middle_of_an_exit_decides(void **state)
{
	struct record one = {.guest_out = 1000, .guest_in = 2000};
	struct join_exit exits[] = {{400, 1599, 0}, {1401, 2601, 0}};
	struct join_stream two = {exits, 2};

	(void)state;
	assert_int_equal(join_find(&two, 0, &one).count, 0);
	exits[0].out = 1600;
	exits[1].out = 2599;
	assert_int_equal(join_find(&two, 0, &one).count, 2);
}

static void test_a_known_shift_fits_all(void **state)
{
	struct join_fit fit;

	(void)state;
	make(50, 10);
	fit = join_fit(&stream, SHIFT, 0, operation, OPERATIONS);
	assert_int_equal(fit.hits, OPERATIONS);
	assert_int_equal(fit.without + fit.against, 0);
	/* The order alone allows the shift, and no more than the shortest parts around it. */
	assert_in_range(SHIFT - fit.low, 0, 320);
	assert_in_range(fit.high - SHIFT, 0, 220);
	fit = join_fit(&stream, SHIFT + 5000000, 0, operation, OPERATIONS);
	assert_in_range(fit.hits, 0, OPERATIONS / 4);
}

static void test_an_exit_across_a_stamp_is_against_it(void **state)
{
	struct join_fit fit;

	(void)state;
	make(0, 0);
	fit = join_fit(&stream, SHIFT - 310, 0, operation, OPERATIONS);
	assert_int_equal(fit.against, OPERATIONS);
	/* 10 ticks too early, which clocks with this error may be. */
	fit = join_fit(&stream, SHIFT - 310, 5, operation, OPERATIONS);
	assert_int_equal(fit.hits, OPERATIONS);
	fit = join_fit(&stream, SHIFT - 310, 4, operation, OPERATIONS);
	assert_int_equal(fit.hits, 0);
}

static void test_order_finds_the_shift(void **state)
{
	struct join_fit fit;

	(void)state;
	make(50, 10);
	assert_int_equal(join_order(&stream, 0, operation, OPERATIONS, &fit), 0);
	assert_int_equal(fit.hits, OPERATIONS);
	assert_true(fit.low <= SHIFT && fit.high >= SHIFT);
	assert_in_range(fit.high - fit.low, 1, 540);
	/* A part of the operations and a stream with much else are as good. */
	assert_int_equal(join_order(&stream, 0, operation + 300, 500, &fit), 0);
	assert_true(fit.low <= SHIFT && fit.high >= SHIFT);
}

/* As in an emulator that counts instructions: the ends of the batches alone tell. */
static void test_order_finds_it_without_jitter(void **state)
{
	struct join_fit fit;

	(void)state;
	make(0, 0);
	assert_int_equal(join_order(&stream, 0, operation, OPERATIONS, &fit), 0);
	assert_true(fit.low <= SHIFT && fit.high >= SHIFT);
}

static void test_order_does_not_guess(void **state)
{
	struct join_fit fit;

	(void)state;
	/* One regular batch, of which the trace has more on either side: all shifts are alike. */
	make(0, 0);
	assert_int_equal(join_order(&stream, 0, operation + 50, 100, &fit), -EEXIST);
	/* Another guest's exits. */
	make(50, 0);
	for (u32 i = 0; i < OPERATIONS; i++)
		exit_of[i].in = exit_of[i].out = 1000000 + 777 * i * (i % 7);
	assert_int_equal(join_order(&stream, 0, operation, OPERATIONS, &fit), -ENOENT);
	stream.count = 0;
	assert_int_equal(join_order(&stream, 0, operation, OPERATIONS, &fit), -ENOENT);
	assert_int_equal(join_order(&stream, 0, operation, 0, &fit), -ENOENT);
}

/* The exit of one operation in twenty lies across a stamp: the trace has missed its entry. */
static void test_order_stands_some_that_do_not_fit(void **state)
{
	struct join_fit fit;

	(void)state;
	make(50, 0);
	for (u32 i = 10; i < OPERATIONS; i += 20)
		exit_of[i].out += 900;
	assert_int_equal(join_order(&stream, 0, operation, OPERATIONS, &fit), 0);
	assert_true(fit.low <= SHIFT && fit.high >= SHIFT);
	assert_in_range(fit.hits, OPERATIONS * 9 / 10, OPERATIONS - 1);
}

static void test_clocks(void **state)
{
	json_t *json = json_pack("{s:I, s:f}", "tsc_offset", (json_int_t)-500, "tsc_scaling", 1.5);
	struct join_clock clock = join_clock_of(json);

	(void)state;
	assert_true(clock.known);
	assert_int_equal(join_clock_guest(&clock, 1000), 1000);
	/* All bits of a TSC that has run for years. */
	assert_int_equal(join_clock_guest(&clock, (1ULL << 60) + 2), (3ULL << 59) + 3 - 500);
	json_object_del(json, "tsc_offset");
	clock = join_clock_of(json);
	assert_false(clock.known);
	assert_int_equal(join_clock_guest(&clock, 1000), 1000);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_operation_has_its_exits),
		cmocka_unit_test(test_the_middle_of_an_exit_decides),
		cmocka_unit_test(test_a_known_shift_fits_all),
		cmocka_unit_test(test_an_exit_across_a_stamp_is_against_it),
		cmocka_unit_test(test_order_finds_the_shift),
		cmocka_unit_test(test_order_finds_it_without_jitter),
		cmocka_unit_test(test_order_does_not_guess),
		cmocka_unit_test(test_order_stands_some_that_do_not_fit),
		cmocka_unit_test(test_clocks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
