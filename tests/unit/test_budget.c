// SPDX-License-Identifier: GPL-2.0-or-later
/* `run --time`, and the time that the progress line says is left, by a clock that the test moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <time.h>

#include "../../bench/session/budget.h"
#include "../../bench/session/progress.h"
#include "random.h"

static double now;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	(void)clock;
	time->tv_sec = now;
	time->tv_nsec = (now - floor(now)) * 1e9;
	return 0;
}

static double seconds_of(const struct budget_cost *cost, struct budget budget)
{
	return (cost->fixed + cost->each * budget.exits) * budget.repeats;
}

static void test_a_time_is_filled(void **state)
{
	/* A storm of 20 us; forty with VMs of 50 ms; one with operations of 1 ms. */
	static const struct budget_cost costs[] = {{0.03, 20e-6}, {2, 1e-3}, {0.03, 1e-3}};
	static const double times[] = {10, 60, 600};

	(void)state;
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			struct budget budget = budget_of(&costs[i], times[j], 0);
			double took = seconds_of(&costs[i], budget);

			/* The plan has a quarter more, which the time ends. */
			assert_true(took >= times[j] && took < 1.4 * times[j] + 2 * costs[i].fixed);
			assert_in_range(budget.exits, 100, 1000000);
			assert_in_range(budget.repeats, 2, 126);
		}
}

static void test_usual_operations_where_they_fit(void **state)
{
	static const struct budget_cost cost = {0.03, 20e-6};
	struct budget budget = budget_of(&cost, 2, 0);

	(void)state;
	assert_int_equal(budget.exits, 1000);
	assert_int_equal(budget.repeats, 50);
	assert_true(budget_of(&cost, 0.3, 0).exits < 1000);
	assert_true(budget_of(&cost, 100, 0).exits > 1000);
	assert_int_equal(budget_of(&cost, 1e-3, 0).repeats, 2);
	assert_int_equal(budget_of(&cost, 1e-3, 0).exits, 100);
	assert_int_equal(budget_of(&cost, 100, 5000).exits, 5000);
}

#define KINDS 40
#define UNITS 10

/*
 * From the first quarter on, the time that is left is right within 30 %, or 2 % of the whole:
 * storms differ by 1:40, and each repeat of one by up to +-50 %.
 */
static void test_the_time_left_is_steady(void **state)
{
	struct progress progress;
	double unit[UNITS][KINDS], total = 0, left;
	u64 seed = 7;

	(void)state;
	for (int i = 0; i < UNITS; i++)
		for (int kind = 0; kind < KINDS; kind++) {
			unit[i][kind] =
				0.1 * (kind + 1) * (0.5 + random_next(&seed) % 1000 / 1000.0);
			total += unit[i][kind];
		}
	now = 1000;
	progress_begin(&progress, false, KINDS, UNITS);
	for (int i = 0; i < UNITS; i++)
		for (int kind = 0; kind < KINDS; kind++) {
			progress_unit(&progress, kind, "");
			left = total - (now - 1000);
			if (now - 1000 > total / 4)
				assert_true(fabs(progress_left(&progress) - left) <=
					    0.3 * left + 0.02 * total);
			now += unit[i][kind];
			progress_unit_done(&progress);
		}
	assert_true(fabs(progress_left(&progress)) < 1e-9);
	progress_end(&progress);
}

/* One storm whose repeats take 1, 1, 1, 5, 1, 1, 1, 5 s: the last one is no measure of the next. */
static void test_one_slow_repeat_does_not_move_it(void **state)
{
	struct progress progress;
	double total = 10 * (1 + 1 + 1 + 5), left;

	(void)state;
	now = 1000;
	progress_begin(&progress, false, 1, 40);
	for (int i = 0; i < 40; i++) {
		progress_unit(&progress, 0, "");
		left = total - (now - 1000);
		if (now - 1000 > total / 4)
			assert_true(fabs(progress_left(&progress) - left) <=
				    0.3 * left + 0.04 * total);
		now += i % 4 == 3 ? 5 : 1;
		progress_unit_done(&progress);
	}
	progress_end(&progress);
}

static void test_a_time_that_is_given_is_what_is_left(void **state)
{
	struct progress progress;

	(void)state;
	now = 1000;
	progress_begin(&progress, false, 1, 100);
	progress_ends(&progress, 1030);
	assert_true(fabs(progress_left(&progress) - 30) < 1e-6);
	now = 1020;
	assert_true(fabs(progress_left(&progress) - 10) < 1e-6);
	now = 1040;
	assert_true(progress_left(&progress) == 0);
	progress_end(&progress);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_time_is_filled),
		cmocka_unit_test(test_usual_operations_where_they_fit),
		cmocka_unit_test(test_the_time_left_is_steady),
		cmocka_unit_test(test_one_slow_repeat_does_not_move_it),
		cmocka_unit_test(test_a_time_that_is_given_is_what_is_left),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
