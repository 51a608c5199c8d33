// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures of a run's legs, from its repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../analysis/stats/figures.h"
#include "../../analysis/stats/repeats.h"

#define STATS                                                                              \
	"{\"count\":100,\"min\":1,\"p50\":200,\"p90\":1,\"p99\":7,\"p999\":1,\"max\":900," \
	"\"mean\":1,\"stddev\":0,\"mad\":0}"
#define RUN_ON(clock, step, repeats)                                                               \
	"{\"schema\":\"exitstorm-run/1\",\"target\":{\"name\":\"kvm\",\"clock\":\"" clock "\","    \
	"\"emulated\":false,\"clock_granularity\":" step "},\"storms\":[{\"name\":\"s\",\"kind\":" \
	"\"io\",\"status\":\"measured\",\"why\":null,\"exits\":1,\"expected\":1,\"disturbed\":0,"  \
	"\"lost\":0,\"legs\":{\"round_trip\":{\"site\":\"guest\",\"all\":" STATS                   \
	",\"clean\":" STATS ",\"p50_ci95\":[1,2]}},\"repeats\":[" repeats "]}]}"
#define RUN(repeats) RUN_ON("instructions", "1", repeats) /* no clock step */
#define REPEAT(repeat, vcpu, all, clean)                                        \
	"{\"repeat\":" repeat ",\"vcpu\":" vcpu ",\"p50\":{\"round_trip\":" all \
	"},\"p50_clean\":{\"round_trip\":" clean "}}"

static struct run *run;

static struct run_leg *fill(const char *json)
{
	char why[RUN_WHY];

	if (run_parse_text(json, strlen(json), &run, why) || figures_fill(run, why))
		fail_msg("%s", why);
	return &run->storm[0].leg[LEG_ROUND_TRIP];
}

static int unload(void **state)
{
	(void)state;
	run_close(run);
	run = NULL;
	return 0;
}

static void near(double value, double wanted)
{
	if (!(fabs(value - wanted) <= 1e-5 * fabs(wanted)))
		fail_msg("%.10g, not %.10g", value, wanted);
}

/* ln 100, ln 200, ln 400: mean ln 200, s = ln 2, t(0.975, 2) = 4.302653; half = t s / sqrt 3. */
static void test_the_interval_is_of_repeats_not_of_vcpus(void **state)
{
	const struct run_leg *leg;

	(void)state;
	leg = fill(RUN(REPEAT("0", "0", "1", "100") "," REPEAT("1", "0", "1", "200") "," REPEAT(
		"2", "0", "1", "400")));
	near(leg->figure[RUN_P50].ticks, 200);
	near(leg->figure[RUN_P50].low, 35.74621);
	near(leg->ci_low, 35.74621);
	near(leg->ci_high, 1118.9997);
	assert_true(leg->figure[RUN_P50].repeats == 3 && leg->figure[RUN_P50].clean);
	unload(NULL);
	/* The same repeats, each with two vCPUs whose geometric mean is as before. */
	leg = fill(RUN(REPEAT("0", "0", "1", "50") "," REPEAT("1", "1", "1", "800") "," REPEAT(
		"1", "0", "1", "50") "," REPEAT("2", "1", "1",
						"400") "," REPEAT("0", "1", "1",
								  "200") "," REPEAT("2", "0", "1",
										    "400")));
	near(leg->figure[RUN_P50].ticks, 200);
	near(leg->ci_low, 35.74621);
	assert_int_equal(leg->figure[RUN_P50].repeats, 3);
}

static void test_a_repeat_without_clean_records_is_left_out(void **state)
{
	const struct run_leg *leg;

	(void)state;
	leg = fill(RUN(REPEAT("0", "0", "500", "100") "," REPEAT(
		"1", "0", "500", "null") "," REPEAT("2", "0", "500", "400")));
	near(leg->figure[RUN_P50].ticks, 200);
	assert_true(leg->figure[RUN_P50].repeats == 2 && leg->figure[RUN_P50].clean);
	unload(NULL);
	/* Where most repeats have none, the figure is of all records. */
	leg = fill(RUN(REPEAT("0", "0", "500", "100") "," REPEAT(
		"1", "0", "500", "null") "," REPEAT("2", "0", "500", "null")));
	near(leg->figure[RUN_P50].ticks, 500);
	assert_true(leg->figure[RUN_P50].repeats == 3 && !leg->figure[RUN_P50].clean);
	unload(NULL);
	/* One vCPU of a repeat is not the repeat. */
	leg = fill(RUN(REPEAT("0", "0", "500", "100") "," REPEAT("0", "1", "500", "null")));
	near(leg->figure[RUN_P50].ticks, 500);
	assert_int_equal(leg->figure[RUN_P50].repeats, 1);
}

static void test_the_clocks_step_is_in_the_interval(void **state)
{
	const struct run_leg *leg;

	(void)state;
	/* Equal repeats of 200 ticks by a clock of step 20: half a step, +-5 %. */
	leg = fill(
		RUN_ON("tsc", "20", REPEAT("0", "0", "1", "200") "," REPEAT("1", "0", "1", "200")));
	near(leg->ci_low, 200 * exp(-0.05));
	near(leg->ci_high, 200 * exp(0.05));
	near(figures_half(leg->ci_low, leg->ci_high), 100 * (exp(0.05) - 1));
}

static void test_what_is_missing_is_no_figure(void **state)
{
	const struct run_leg *leg;

	(void)state;
	leg = fill(RUN(REPEAT("0", "0", "300", "300")));
	near(figures_p50(leg), 300);
	assert_true(isnan(leg->ci_low) && isnan(leg->ci_high));
	/* No histogram: no p99. */
	assert_int_equal(leg->figure[RUN_P99].repeats, 0);
	assert_true(isnan(figures_tail(leg, RUN_P99)));
	unload(NULL);
	/* A run without repeats[]: what run.json says. */
	leg = fill(RUN(""));
	near(figures_p50(leg), 200);
	near(leg->ci_high, 2);
	assert_true(isnan(figures_tail(leg, RUN_P99)));
	unload(NULL);
	leg = fill(RUN(REPEAT("0", "0", "0", "0")));
	assert_int_equal(leg->figure[RUN_P50].repeats, 0);
	unload(NULL);
	/* Its upper end would be near 10^29. */
	leg = fill(RUN(REPEAT("0", "0", "1", "100") "," REPEAT("1", "0", "1", "1000000")));
	near(leg->figure[RUN_P50].ticks, 10000);
	assert_true(isnan(leg->ci_low) && isnan(leg->ci_high));
}

static void test_a_quantile_needs_ten_records_beyond_it(void **state)
{
	(void)state;
	assert_int_equal(quantile_needs(RUN_P50), 1);
	assert_int_equal(quantile_needs(RUN_P99), 1000);
	assert_int_equal(quantile_needs(RUN_P999), 10000);
}

#define TEST(name) cmocka_unit_test_teardown(name, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_interval_is_of_repeats_not_of_vcpus),
		TEST(test_a_repeat_without_clean_records_is_left_out),
		TEST(test_the_clocks_step_is_in_the_interval),
		TEST(test_what_is_missing_is_no_figure),
		TEST(test_a_quantile_needs_ten_records_beyond_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
