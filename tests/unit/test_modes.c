// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Modes of made-up distributions: how often one with a single mode is said to have several,
 * whatever its shape and the clock's step, and how often two are found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "../../analysis/stats/modes.h"

#define TRIES 60

static gsl_rng *rng;
static struct histogram histogram;

static double normal(void)
{
	return 20000 + gsl_ran_gaussian(rng, 200);
}

static double skewed(void)
{
	return 15000 * exp(gsl_ran_gaussian(rng, 0.25));
}

static double with_tail(void)
{
	double ticks = normal();

	return gsl_rng_uniform(rng) < 0.04 ? ticks + gsl_ran_exponential(rng, 20000) : ticks;
}

static double exponential(void)
{
	return 3000 + gsl_ran_exponential(rng, 2000);
}

static double narrow(void)
{
	return 1350 + gsl_ran_gaussian(rng, 12);
}

static double uniform(void)
{
	return 9000 + 2000 * gsl_rng_uniform(rng);
}

static double constant(void)
{
	return 67;
}

static double separate(void)
{
	return (gsl_rng_uniform(rng) < 0.3 ? 59000 : 49600) + gsl_ran_gaussian(rng, 900);
}

static double few(void)
{
	return (gsl_rng_uniform(rng) < 0.08 ? 59000 : 49600) + gsl_ran_gaussian(rng, 900);
}

/* 0.1 % of the second are no mode. */
static double outliers(void)
{
	return gsl_rng_uniform(rng) < 0.001 ? 180000 : normal();
}

/* How many of TRIES have a number of modes other than `modes`. */
static int wrong(double (*draw)(void), size_t n, double step, size_t modes)
{
	struct mode mode[MODES_MAX];
	int others = 0;

	for (int i = 0; i < TRIES; i++) {
		histogram_reset(&histogram);
		for (size_t j = 0; j < n; j++)
			histogram_add(&histogram, fmax(1, floor(draw() / step) * step));
		others += modes_find(&histogram, step, mode) != modes;
	}
	return others;
}

static void test_truth(void **state)
{
	static const struct {
		const char *name;
		double (*draw)(void);
		size_t modes;
	} shapes[] = {{"normal", normal, 1},	     {"skewed", skewed, 1},
		      {"with a tail", with_tail, 1}, {"exponential", exponential, 1},
		      {"narrow", narrow, 1},	     {"uniform", uniform, 1},
		      {"constant", constant, 1},     {"outliers", outliers, 1},
		      {"two", separate, 2},	     {"two, one of 8 %", few, 2}};
	static const double steps[] = {1, 2, 20, 26};
	static const size_t sizes[] = {400, 2000, 10000};

	(void)state;
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		int sum = 0, all = 0;

		for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++)
			for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
				sum += wrong(shapes[i].draw, sizes[k], steps[j], shapes[i].modes);
				all += TRIES;
			}
		print_message("# %s: %d of %d wrong\n", shapes[i].name, sum, all);
		assert_true(sum <= all / 100);
	}
	gsl_rng_free(rng);
}

static void test_modes_have_their_figures(void **state)
{
	struct mode mode[MODES_MAX];

	(void)state;
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	assert_int_equal(wrong(separate, 10000, 1, 2), 0);
	assert_int_equal(modes_find(&histogram, 1, mode), 2);
	assert_true(fabs(mode[0].p50 / 49600 - 1) < 0.005 && fabs(mode[0].share - 0.7) < 0.02);
	assert_true(fabs(mode[1].p50 / 59000 - 1) < 0.005 && fabs(mode[1].share - 0.3) < 0.02);
	histogram_reset(&histogram);
	assert_int_equal(modes_find(&histogram, 1, mode), 0);
	gsl_rng_free(rng);
}

/* A run that was made up may have any values and any step. */
static void test_figures_are_finite(void **state)
{
	struct mode mode[MODES_MAX];

	(void)state;
	for (int high = 1; high < 64; high++)
		for (int step = 0; step < 64; step++) {
			size_t modes;

			histogram_reset(&histogram);
			for (int i = 0; i < 200; i++)
				histogram_add(&histogram, i % 3 ? 1u + i % 2 : 1ULL << high);
			modes = modes_find(&histogram, ldexp(1, step), mode);
			for (size_t i = 0; i < modes; i++)
				assert_true(isfinite(mode[i].p50) && isfinite(mode[i].share));
		}
}

/* A value of 0 below a wide distribution, as a clock with a coarse step gives it. */
static void test_a_value_of_0_has_a_place(void **state)
{
	struct mode mode[MODES_MAX];

	(void)state;
	for (u32 values = 100; values < 2000; values += 100) {
		size_t modes;

		histogram_reset(&histogram);
		histogram_add(&histogram, 0);
		for (u32 i = 1; i < values; i++)
			histogram_add(&histogram, i * i);
		modes = modes_find(&histogram, 1, mode);
		assert_true(modes > 0);
		for (size_t i = 0; i < modes; i++)
			assert_true(isfinite(mode[i].p50) && isfinite(mode[i].share));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_of_0_has_a_place),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_modes_have_their_figures),
		cmocka_unit_test(test_figures_are_finite),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
