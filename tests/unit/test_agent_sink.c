// SPDX-License-Identifier: GPL-2.0-or-later
/* A histogram that an image sends is what the decoder passes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/agent/sink.c"
#include "../../bench/plan/settings.h"
#include "../../bench/wire/decode.h"

static struct decoder decoder;
static struct histogram *received;
static int histograms[2]; /* of all records, of the undisturbed ones */

void agent_put(const void *bytes, u32 count)
{
	assert_int_equal(decoder_feed(&decoder, bytes, count), 0);
}

void agent_line_lock(void)
{
}

void agent_line_unlock(void)
{
}

bool agent_stopped(void)
{
	return false;
}

static int on_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	(void)arg;
	(void)result;
	assert_int_equal(leg, LEG_PERIOD);
	assert_in_range(clean, 0, 1);
	*received = *histogram;
	histograms[clean]++;
	return 0;
}

static const struct run_sink sink = {.histogram = on_histogram};

static void pass_as(const struct histogram *histogram, u16 clean)
{
	const struct storm_result result = {0};
	struct wire_plan plan = {.storms = 1};

	plan_defaults(&plan.plan);
	received = calloc(1, sizeof(*received));
	memset(histograms, 0, sizeof(histograms));
	agent_begin();
	assert_int_equal(decoder_open(&decoder, &sink), 0);
	decoder_expect(&decoder, &plan);
	assert_int_equal(agent_sink.histogram(NULL, &result, LEG_PERIOD, clean, histogram), 0);
	assert_int_equal(decoder.refused + decoder.damaged + decoder.lost, 0);
	assert_int_equal(histograms[0], clean != 1);
	assert_int_equal(histograms[1], clean != 0);
	assert_memory_equal(received, histogram, sizeof(*histogram));
	decoder_close(&decoder);
	free(received);
}

static void pass(const struct histogram *histogram)
{
	for (u16 clean = 0; clean <= HISTOGRAM_BOTH; clean++)
		pass_as(histogram, clean);
}

/* Buckets of more than 2^32 values, and more buckets than a frame holds. */
static void test_large_histograms_arrive(void **state)
{
	struct histogram *histogram = calloc(1, sizeof(*histogram));

	(void)state;
	histogram_reset(histogram);
	for (u64 i = 0; i < 5000; i++) {
		u64 low = histogram_low(i, HISTOGRAM_SUB_BITS);

		histogram_add(histogram, low);
		if (i % 1000 == 7) {
			histogram->bucket[i] += 10000000000;
			histogram->count += 10000000000;
			histogram->sum += 10000000000 * low;
		}
	}
	pass(histogram);
	free(histogram);
}

static void test_the_last_bucket_arrives(void **state)
{
	struct histogram *histogram = calloc(1, sizeof(*histogram));

	(void)state;
	histogram_reset(histogram);
	histogram_add(histogram, 1);
	histogram_add(histogram, 1ULL << 50);
	pass(histogram);
	free(histogram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_histograms_arrive),
		cmocka_unit_test(test_the_last_bucket_arrives),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
