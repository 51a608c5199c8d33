// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/session/collect.h"
#include "../../bench/plan/settings.h"
#include "../../trace/sparse.h"

static const char *site_of(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)plan;
	(void)storm;
	return leg == LEG_ROUND_TRIP ? "guest" : NULL;
}

static void shape_of(const struct plan *plan, const struct storm *storm, struct hv_config *config)
{
	(void)plan;
	(void)storm;
	*config = (struct hv_config){.vcpus = 2, .cpl = 3, .irqchip = true};
}

static const struct target fake_target = {.name = "kvm", .site = site_of, .shape = shape_of};
static struct plan plan;
static struct collect *collect;
static struct run_sink sink;
static struct histogram *histogram;

static int setup(void **state)
{
	(void)state;
	plan_defaults(&plan);
	plan.vcpus = 2;
	collect = collect_new(&fake_target, &plan, NULL);
	collect_sink(collect, &sink);
	histogram = malloc(sizeof(*histogram));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	collect_free(collect);
	free(histogram);
	return 0;
}

static struct storm_result result_of(u16 repeat, u16 vcpu, enum storm_status status)
{
	struct storm_result result = {.size = sizeof(result),
				      .storm = storm_find("cpuid") - storms,
				      .repeat = repeat,
				      .vcpu = vcpu,
				      .status = status,
				      .asked = 100,
				      .seen = 103,
				      .other = 3,
				      .operations = 100,
				      .disturbed = 5,
				      .raw_reason = ~0U,
				      .exits_per_op = 1,
				      .native = 1};

	if (status)
		strcpy(result.why, "because");
	return result;
}

/* 100 values, the median is `median`; of them half are clean. */
static void report(u16 repeat, u16 vcpu, u64 median)
{
	struct storm_result result = result_of(repeat, vcpu, STORM_MEASURED);

	for (int clean = 0; clean < 2; clean++) {
		histogram_reset(histogram);
		for (int i = 0; i < (clean ? 51 : 101); i++)
			histogram_add(histogram, median - (clean ? 25 : 50) + i);
		assert_int_equal(
			sink.histogram(sink.arg, &result, LEG_ROUND_TRIP, clean, histogram), 0);
	}
	assert_int_equal(sink.result(sink.arg, &result), 0);
}

static json_t *only_storm(json_t **all)
{
	*all = collect_storms(collect);
	assert_int_equal(json_array_size(*all), 1);
	return json_array_get(*all, 0);
}

static double number(const json_t *json, const char *path)
{
	char copy[128], *rest = copy, *key;

	strcpy(copy, path);
	while ((key = strsep(&rest, ".")))
		json = json_object_get(json, key);
	assert_true(json_is_number(json));
	return json_number_value(json);
}

static void test_repeats_and_vcpus_are_added_up(void **state)
{
	json_t *all, *storm;

	(void)state;
	for (u16 repeat = 0; repeat < 3; repeat++)
		for (u16 vcpu = 0; vcpu < 2; vcpu++)
			report(repeat, vcpu, 500);
	storm = only_storm(&all);
	assert_string_equal(json_string_value(json_object_get(storm, "status")), "measured");
	assert_true(json_is_null(json_object_get(storm, "why")));
	assert_int_equal(number(storm, "exits"), 6 * 103);
	assert_int_equal(number(storm, "expected"), 6 * 100);
	assert_int_equal(number(storm, "disturbed"), 6 * 5);
	assert_int_equal(number(storm, "legs.round_trip.all.count"), 6 * 101);
	assert_int_equal(number(storm, "legs.round_trip.clean.count"), 6 * 51);
	assert_int_equal(number(storm, "legs.round_trip.all.min"), 450);
	assert_int_equal(number(storm, "legs.round_trip.all.max"), 550);
	assert_int_equal(json_array_size(json_object_get(storm, "repeats")), 6);
	assert_int_equal(number(storm, "cpl"), 3);
	json_decref(all);
}

static void test_the_worst_status_is_the_storms(void **state)
{
	static const enum storm_status order[] = {STORM_NO_EXIT, STORM_SKIPPED, STORM_FAILED,
						  STORM_SKIPPED};
	const struct storm *cpuid = storm_find("cpuid");
	json_t *all, *storm;

	(void)state;
	report(0, 0, 500);
	assert_false(collect_over(collect, cpuid));
	for (u16 i = 0; i < 4; i++) {
		struct storm_result result = result_of(i + 1, 0, order[i]);

		assert_int_equal(sink.result(sink.arg, &result), 0);
		assert_int_equal(collect_over(collect, cpuid), i > 0);
	}
	assert_int_equal(collect_status(collect, cpuid), STORM_FAILED);
	storm = only_storm(&all);
	assert_string_equal(json_string_value(json_object_get(storm, "status")), "failed");
	assert_string_equal(json_string_value(json_object_get(storm, "why")),
			    "in repeat 4: because");
	assert_int_equal(json_object_size(json_object_get(storm, "legs")), 0);
	json_decref(all);
}

static void test_no_exit_has_no_legs_but_an_operation(void **state)
{
	struct storm_result result = result_of(0, 0, STORM_NO_EXIT);
	json_t *all, *storm;

	(void)state;
	histogram_reset(histogram);
	histogram_add(histogram, 7);
	sink.histogram(sink.arg, &result, LEG_ROUND_TRIP, 0, histogram);
	sink.result(sink.arg, &result);
	storm = only_storm(&all);
	assert_int_equal(json_object_size(json_object_get(storm, "legs")), 0);
	assert_int_equal(number(storm, "operation.round_trip.all.count"), 1);
	json_decref(all);
}

static void test_a_storm_that_was_asked_for_is_listed(void **state)
{
	json_t *all;

	(void)state;
	all = collect_storms(collect);
	assert_int_equal(json_array_size(all), 0);
	json_decref(all);
	collect_expect(collect, storm_find("cpuid"));
	only_storm(&all);
	json_decref(all);
}

static void test_sparse_histograms_lose_nothing(void **state)
{
	struct histogram *sum = malloc(sizeof(*sum)), *back = malloc(sizeof(*back));
	struct sparse sparse = {0};
	u64 random = 1;

	(void)state;
	histogram_reset(sum);
	sparse_expand(&sparse, back);
	assert_memory_equal(sum, back, sizeof(*sum));
	for (int round = 0; round < 5; round++) {
		histogram_reset(histogram);
		for (int i = 0; i < round * 1000; i++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			histogram_add(histogram, random >> (20 + i % 44));
		}
		histogram_merge(sum, histogram);
		assert_int_equal(sparse_add(&sparse, histogram), 0);
	}
	sparse_expand(&sparse, back);
	assert_memory_equal(sum, back, sizeof(*sum));
	sparse_free(&sparse);
	free(sum);
	free(back);
}

/* Storm null's clean records have `low` to `high` ticks; the status of null, on a clock of this
 * name. */
static enum storm_status null_status(u64 low, u64 high, const char *clock)
{
	const struct storm *null = storm_find("null");
	struct storm_result result = result_of(0, 0, STORM_MEASURED);
	json_t *target = json_pack("{s:s}", "clock", clock);

	result.storm = null - storms;
	histogram_reset(histogram);
	histogram_add(histogram, low);
	histogram_add(histogram, high);
	sink.histogram(sink.arg, &result, LEG_ROUND_TRIP, 1, histogram);
	sink.result(sink.arg, &result);
	collect_check_clock(collect, target);
	json_decref(target);
	return collect_status(collect, null);
}

static void test_null_of_several_values(void **state)
{
	(void)state;
	plan.vcpus = 1;
	assert_int_equal(null_status(5, 5, "instructions"), STORM_MEASURED);
	assert_int_equal(null_status(5, 6, "tsc"), STORM_MEASURED);
	plan.vcpus = 2;
	assert_int_equal(null_status(5, 10, "instructions"), STORM_MEASURED);
	plan.vcpus = 1;
	assert_int_equal(null_status(5, 6, "instructions"), STORM_FAILED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_repeats_and_vcpus_are_added_up),
		TEST(test_the_worst_status_is_the_storms),
		TEST(test_no_exit_has_no_legs_but_an_operation),
		TEST(test_a_storm_that_was_asked_for_is_listed),
		TEST(test_sparse_histograms_lose_nothing),
		TEST(test_null_of_several_values),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
