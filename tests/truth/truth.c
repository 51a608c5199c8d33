// SPDX-License-Identifier: GPL-2.0-or-later
/* `make truth`: how often compare is right about synthetic repeats. TAP; the rates are printed. */
#include <stdio.h>

#include "cases.h"

#define TRIALS 2000

static int failed, count;

static void check(bool good, const char *what, const struct truth_case *of)
{
	printf("%sok %d - %s: %s, within %g %%, step %g\n", good ? "" : "not ", ++count, what,
	       noise_name[of->noise], of->within * 100, of->step);
	failed += !good;
}

static void run_case(const struct truth_case *of, unsigned long seed)
{
	double bound = truth_bound(0.05, TRIALS);
	struct truth_rates rates = truth_rates(of, TRIALS, seed);

	printf("# %-14s within %4.1f %% step %2g: alarms %4.1f %%, 2 %% found %5.1f %%, covered "
	       "%4.1f %% (no shift), %4.1f %% (2 %%)\n",
	       noise_name[of->noise], of->within * 100, of->step, rates.alarms * 100,
	       rates.found * 100, rates.covered * 100, rates.covered_shift * 100);
	check(rates.alarms <= 0.05 + bound, "alarms at most 5 %", of);
	check(rates.found >= 0.95 - bound, "a shift of 2 % is found in 95 %", of);
	check(rates.covered >= 0.95 - bound, "the interval covers 1 in 95 %", of);
	check(rates.covered_shift >= 0.95 - bound, "the interval covers 1.02 in 95 %", of);
	fflush(stdout);
}

int main(void)
{
	static const double within[] = {0.002, 0.01, 0.05}, step[] = {1, 26};
	unsigned long seed = 1;

	printf("# %d trials a case, %d repeats of %u to %u records, between-repeat sd %g %%, fixed "
	       "seeds.\n# Bounds, stated before: 5 %% and 95 %%, +-%.2f %% (one in a thousand).\n",
	       TRIALS, TRUTH_REPEATS, truth_records[PLAIN], truth_records[AUTOCORRELATED],
	       TRUTH_BETWEEN * 100, truth_bound(0.05, TRIALS) * 100);
	for (int noise = 0; noise < NOISES; noise++)
		for (int i = 0; i < 3; i++)
			for (int j = 0; j < 2; j++) {
				struct truth_case of = {noise, within[i], step[j]};

				run_case(&of, seed++);
			}
	printf("1..%d\n", count);
	return failed != 0;
}
