/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison's data: the inputs, and for each storm and leg a row with a cell for each input. */
#ifndef ANALYSIS_COMPARE_COMPARISON_H
#define ANALYSIS_COMPARE_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

#include "../../results/run.h"
#include "../stats/inference.h"

#define COMPARE_MARGIN_PERCENT 1
#define COMPARE_MARGIN	       (COMPARE_MARGIN_PERCENT / 100.0)

enum compare_unit { COMPARE_TICKS, COMPARE_NS, COMPARE_CYCLES, COMPARE_AUTO };
extern const char *const compare_unit_name[];

/* Why a verdict is unclear. */
enum unclear_reason {
	UNCLEAR_NOT,	/* the verdict is not unclear */
	UNCLEAR_ONE,	/* one value, a repeat or a run, has no spread */
	UNCLEAR_SPREAD, /* `needed` values would give a verdict */
	UNCLEAR_CLOCK,	/* no number of values would: the clock's step is too coarse */
	UNCLEAR_SERIAL, /* repeats resemble those before them, and were not taken in turn */
	UNCLEAR_BUSY,	/* other load ran, and the runs were not taken in turn */
};
extern const char *const unclear_reason_name[];

struct compare_input {
	const char *label;
	struct run **run;
	size_t runs;
};

struct compare_options {
	double margin; /* of "same"; 0.01 is 1 % */
	enum compare_unit unit;
	enum leg leg; /* LEGS: each storm's main leg */
	bool all_legs;
	bool force;
	enum run_quantile quantile;
	size_t base; /* index of the input that the others are compared with */
	bool (*wanted)(void *arg, const char *storm); /* storms to compare; NULL: all */
	void *arg;
};

struct compare_cell {
	bool there;
	/*
	 * In the comparison's unit: the centre of the repeats' quantiles. p99 is NAN where they
	 * have too few records for it.
	 */
	double value, p99;
	size_t n;
	/* Against the base. Not set in the base's own cell. */
	struct shift shift, tail;   /* tail: of p99 */
	double boot_low, boot_high; /* logarithms */
	double p_holm, needed;
	enum verdict verdict;
	enum unclear_reason unclear_reason; /* why the verdict is unclear */
	bool serial;			    /* unpaired repeats, and samples_are_serial() */
};

struct compare_row {
	const struct run_storm *storm; /* of the base */
	enum leg leg;
	bool clean;
	size_t family;		   /* tests of the same family, see struct compare */
	char note[96];		   /* a difference that --force ignored, or "" */
	struct compare_cell *cell; /* one per input */
};

/* A storm that is left out, of all inputs or of some. */
struct compare_omitted {
	char storm[72], why[160];
};

struct compare {
	const struct compare_input *input;
	size_t inputs, base;
	double margin;
	enum compare_unit unit;
	enum run_quantile quantile;
	bool groups; /* the unit of inference is the run */
	bool boots;  /* and more than that the boot: compare_by_boots() */
	struct compare_row *row;
	size_t rows;
	size_t tests;  /* all of them; those of one leg are a family */
	bool all_legs; /* a family for each leg, else all rows are one: the leg asked for */
	struct compare_omitted *omitted;
	size_t omissions;
	char forced[320]; /* differences of the runs that --force ignored, or "" */
};

/* Records that a storm, or one of its inputs, is not compared, and why. 0 or -ENOMEM. */
int compare_omit(struct compare *compare, const char *storm, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void compare_free(struct compare *compare); /* NULL is fine */
/* Were the repeats of this input and of the base taken in turn, so that they are judged in pairs?
 */
bool compare_in_turn(const struct compare *compare, size_t input);
/* "repeat", "run", "boot" */
const char *compare_inference(const struct compare *compare);
/* Does this member of run.json differ between any two runs? Such differences are not listed. */
bool compare_is_volatile(const char *path);

#endif
