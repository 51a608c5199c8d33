// SPDX-License-Identifier: GPL-2.0-or-later
/* Levels of repetition: known components come out, whichever of them is large, balanced or not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "../../analysis/stats/inference.h"
#include "../../analysis/stats/levels.h"

#define MAX_RUNS 64
#define TRIALS	 1500
#define RECORDS	 1000

/* Standard deviations that each level adds; record: of a repeat's median by its records. */
struct truth {
	double record, repeat, run, boot;
	size_t boots, runs, repeats; /* runs of a boot, repeats of a run */
	bool uneven;		     /* every second boot has one run more */
};

static void draw_run(gsl_rng *rng, const struct truth *truth, double at, struct level_run *run)
{
	double log[32];
	struct sample sample = {.log = log, .n = truth->repeats};

	for (size_t i = 0; i < truth->repeats; i++)
		log[i] = at + gsl_ran_gaussian(rng, truth->repeat) +
			 gsl_ran_gaussian(rng, truth->record);
	run->log = sample_centre(&sample);
	run->squared = sample_squared_error(&sample);
	run->repeats = truth->repeats;
	run->record_squared = truth->record * truth->record;
	run->records = RECORDS;
}

static size_t draw(gsl_rng *rng, const struct truth *truth, struct level_run *run)
{
	size_t n = 0;

	for (size_t boot = 0; boot < truth->boots; boot++) {
		double at = gsl_ran_gaussian(rng, truth->boot);
		size_t runs = truth->runs + (truth->uneven && boot % 2);

		for (size_t i = 0; i < runs; i++, n++) {
			run[n].boot = boot;
			draw_run(rng, truth, at + gsl_ran_gaussian(rng, truth->run), &run[n]);
		}
	}
	return n;
}

struct found {
	double variance[LEVELS];
	size_t pays[LEVELS], covered;
};

static struct found find(const struct truth *truth)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct level_run run[MAX_RUNS];
	struct found found = {0};

	gsl_rng_set(rng, 17);
	for (int trial = 0; trial < TRIALS; trial++) {
		size_t runs = draw(rng, truth, run);
		struct levels levels;

		levels_of(run, runs, truth->boots, &levels);
		for (int i = 0; i < LEVELS; i++)
			found.variance[i] += levels.variance[i] / TRIALS;
		found.pays[levels.pays]++;
		found.covered += levels.low <= 0 && levels.high >= 0;
	}
	gsl_rng_free(rng);
	return found;
}

static void assert_near(double value, double truth, double part)
{
	if (fabs(value - truth) > part * truth)
		fail_msg("%g is not %g within %g", value, truth, part);
}

/* Of the trimmed centre the error is a little larger than the mean's: 6 to 15 % of the variance. */
static void assert_components(const struct truth *truth, const struct found *found)
{
	assert_near(found->variance[LEVEL_RECORD], pow(truth->record, 2) * RECORDS, 1e-9);
	assert_near(found->variance[LEVEL_REPEAT], pow(truth->repeat, 2), 0.2);
	assert_near(found->variance[LEVEL_RUN], pow(truth->run, 2), 0.1);
	assert_near(found->variance[LEVEL_BOOT], pow(truth->boot, 2), 0.1);
	assert_near(found->covered, 0.95 * TRIALS, 0.025);
}

static void test_known_components_are_found(void **state)
{
	static const struct truth cases[] = {
		{0.002, 0.006, 0.004, 0.015, 6, 3, 10, false},
		{0.002, 0.006, 0.015, 0.012, 8, 4, 10, true},
		{0.001, 0.020, 0.010, 0.020, 12, 4, 5, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct found found = find(&cases[i]);

		assert_components(&cases[i], &found);
	}
}

/* The level that makes the interval wide is named in most experiments. */
static void test_the_level_that_pays(void **state)
{
	static const struct {
		struct truth truth;
		enum level pays;
	} cases[] = {
		{{0.001, 0.002, 0.002, 0.020, 5, 3, 10, false}, LEVEL_BOOT},
		{{0.001, 0.002, 0.020, 0.001, 5, 3, 10, false}, LEVEL_RUN},
		{{0.001, 0.030, 0.001, 0.001, 5, 3, 5, false}, LEVEL_REPEAT},
		{{0.030, 0.002, 0.001, 0.001, 5, 3, 5, false}, LEVEL_RECORD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct found found = find(&cases[i].truth);

		if (found.pays[cases[i].pays] < TRIALS * 6 / 10)
			fail_msg("case %zu: %zu of %d", i, found.pays[cases[i].pays], TRIALS);
	}
}

/* Levels that a design cannot tell apart are NAN, never a number. */
static void test_what_cannot_be_told_apart(void **state)
{
	struct level_run run[4] = {
		{0, 0.00, 1e-6, 5, NAN, NAN},
		{1, 0.02, 1e-6, 5, NAN, NAN},
		{2, 0.04, 1e-6, 5, NAN, NAN},
	};
	struct levels levels;

	(void)state;
	levels_of(run, 3, 3, &levels); /* one run per boot */
	assert_true(isnan(levels.variance[LEVEL_RUN]));
	assert_near(levels.variance[LEVEL_BOOT], 4e-4 - 1e-6, 1e-6);
	assert_near(levels.variance[LEVEL_REPEAT], 5e-6, 1e-6);
	assert_true(isnan(levels.variance[LEVEL_RECORD]));
	assert_int_equal(levels.pays, LEVEL_BOOT);
	assert_near(levels.log, 0.02, 1e-9);
	for (int i = 0; i < 3; i++)
		run[i].boot = 0;
	levels_of(run, 3, 1, &levels); /* one boot */
	assert_true(isnan(levels.variance[LEVEL_BOOT]));
	assert_near(levels.variance[LEVEL_RUN], 4e-4 - 1e-6, 1e-6);
	for (int i = 0; i < 3; i++)
		run[i] = (struct level_run){0, 0.01, NAN, 1, NAN, NAN}; /* equal, one repeat each */
	levels_of(run, 3, 1, &levels);
	assert_true(isnan(levels.variance[LEVEL_REPEAT]));
	assert_true(levels.variance[LEVEL_RUN] < 1e-30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_components_are_found),
		cmocka_unit_test(test_the_level_that_pays),
		cmocka_unit_test(test_what_cannot_be_told_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
