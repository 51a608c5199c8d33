/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Medians of repeats on a shared machine with a known difference, without their records. The
 * figures of the contaminations are those of runs on a shared /dev/kvm: 8.8 % of 1,200 repeat
 * medians lay beyond 4 robust standard deviations, the lag-1 correlation was 0.19 to 0.34, and a
 * neighbour moved the storm between 49,500 and 59,000 ticks.
 */
#ifndef TESTS_TRUTH_REPEATS_H
#define TESTS_TRUTH_REPEATS_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>

#define REPEATS_MAX	2000
#define REPEATS_SPREAD	0.008 /* standard deviation of a repeat's own noise */
#define REPEATS_OUTLIER 0.09
#define REPEATS_MODES	0.1755 /* log(59000 / 49500) */
#define REPEATS_SWITCH	0.05   /* chance of another mode from one measurement to the next */
#define REPEATS_DRIFT	0.05   /* over all measurements of a run */
#define REPEATS_BURST	0.3

enum dirt { CLEAN, OUTLIERS, SERIAL, MODES, DRIFT, BURST, ALL_DIRT, DIRTS };
static const char *const dirt_name[DIRTS] = {
	"independent", "outliers", "serial", "two modes", "drift", "burst", "all of these",
};

struct repeats {
	double left[REPEATS_MAX], right[REPEATS_MAX]; /* logarithms */
	int n;
};

/* The state of the machine, which changes with time and meets all that is measured. */
struct machine {
	double slow; /* first-order autoregressive */
	bool mode;
};

static inline bool dirty(enum dirt is, enum dirt kind)
{
	return is == kind || is == ALL_DIRT;
}

static inline void machine_begin(struct machine *machine, gsl_rng *rng)
{
	machine->slow = gsl_ran_gaussian_ziggurat(rng, 1);
	machine->mode = gsl_rng_uniform(rng) < 0.5;
}

/* Time passes until the next measurement: the slow state keeps a correlation of 0.84. */
static inline void machine_pass(struct machine *machine, gsl_rng *rng)
{
	double slow = 0.84;

	machine->slow =
		slow * machine->slow + sqrt(1 - slow * slow) * gsl_ran_gaussian_ziggurat(rng, 1);
	machine->mode ^= gsl_rng_uniform(rng) < REPEATS_SWITCH;
}

/*
 * One measurement; `at` (0..1): when. The slow state has half of the variance, so that repeats of
 * one run, on average two measurements apart if taken in turn, have a lag-1 correlation of 0.35.
 */
static inline double machine_measure(struct machine *machine, enum dirt dirt, double at,
				     gsl_rng *rng)
{
	double value = gsl_ran_gaussian_ziggurat(rng, REPEATS_SPREAD);

	machine_pass(machine, rng);
	if (dirty(dirt, SERIAL))
		value += REPEATS_SPREAD * machine->slow;
	if (dirty(dirt, MODES))
		value += REPEATS_MODES * machine->mode;
	if (dirty(dirt, DRIFT))
		value += REPEATS_DRIFT * at;
	if (dirty(dirt, OUTLIERS) && gsl_rng_uniform(rng) < REPEATS_OUTLIER)
		value += REPEATS_SPREAD * gsl_ran_flat(rng, 4, 20) *
			 (gsl_rng_uniform(rng) < 0.8 ? 1 : -1);
	return value;
}

static inline void repeats_burst(struct repeats *repeats, enum dirt dirt, gsl_rng *rng)
{
	unsigned long hit = gsl_rng_uniform_int(rng, 2 * repeats->n);

	if (dirty(dirt, BURST))
		(hit % 2 ? repeats->left : repeats->right)[hit / 2] += REPEATS_BURST;
}

/*
 * In place of medians p99 of repeats of 1,000 records with a heavy tail: the 990th of them, whose
 * share of smaller records is a Beta distribution, of a Pareto distribution of index 3.3.
 */
static inline void repeats_tails(struct repeats *repeats, gsl_rng *rng)
{
	for (int i = 0; i < repeats->n; i++) {
		repeats->left[i] -= log(1 - gsl_ran_beta(rng, 990, 11)) / 3.3;
		repeats->right[i] -= log(1 - gsl_ran_beta(rng, 990, 11)) / 3.3;
	}
}

/* As `run --vary` takes them: A B, B A, A B, ... on one machine. */
static inline void repeats_in_turn(struct repeats *repeats, enum dirt dirt, double shift,
				   gsl_rng *rng)
{
	struct machine machine;
	int last = 2 * repeats->n - 1;

	machine_begin(&machine, rng);
	for (int i = 0; i <= last; i++) {
		double value = machine_measure(&machine, dirt, (double)i / last, rng);

		if ((i / 2 + i) % 2)
			repeats->right[i / 2] = value + shift;
		else
			repeats->left[i / 2] = value;
	}
	repeats_burst(repeats, dirt, rng);
}

/* Two runs made at different times: each meets a machine of its own. */
static inline void repeats_apart(struct repeats *repeats, enum dirt dirt, double shift,
				 gsl_rng *rng)
{
	struct machine machine[2];

	machine_begin(&machine[0], rng);
	machine_begin(&machine[1], rng);
	for (int i = 0; i < repeats->n; i++) {
		double at = (double)i / (repeats->n - 1);

		machine_pass(&machine[0], rng); /* repeats are as far apart as in turn */
		machine_pass(&machine[1], rng);
		repeats->left[i] = machine_measure(&machine[0], dirt, at, rng);
		repeats->right[i] = machine_measure(&machine[1], dirt, at, rng) + shift;
	}
	repeats_burst(repeats, dirt, rng);
}

#endif
