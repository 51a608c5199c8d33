/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs beside each other, storm by storm. The unit of inference is the repeat; where the sides are
 * groups of runs, the run. Everything that one call compares is one family of tests.
 */
#ifndef ANALYSIS_COMPARE_COMPARE_H
#define ANALYSIS_COMPARE_COMPARE_H

#include <stdio.h>

#include "../../results/run.h"
#include "../stats/inference.h"
#include "../output/table.h"

#define COMPARE_MARGIN 0.01

enum compare_unit { COMPARE_TICKS, COMPARE_NS, COMPARE_CYCLES, COMPARE_AUTO };
extern const char *const compare_unit_name[];

/* Why a verdict is unclear. */
enum because {
	BECAUSE_NOTHING, /* it is not */
	BECAUSE_ONE,	 /* one repeat, or run, has no spread */
	BECAUSE_SPREAD,	 /* more of them would settle it: `needed` */
	BECAUSE_CLOCK,	 /* no number would: its step is too coarse */
	BECAUSE_BUSY,	 /* others were at work, and the runs were not taken in turn */
};
extern const char *const because_name[];

struct compare_side {
	const char *label;
	struct run **run;
	size_t runs;
};

struct compare_options {
	double margin; /* "same" lies within it; 0.01 is 1 % */
	enum compare_unit unit;
	enum leg leg; /* LEGS: each storm's main one */
	bool all_legs;
	bool force;
	size_t base;				      /* which side */
	bool (*wanted)(void *arg, const char *storm); /* NULL: all */
	void *arg;
};

struct compare_cell {
	bool there;
	double p50,
		p99; /* in the unit; of repeats' medians the geometric mean, p99 of all pooled */
	size_t n;
	/* The rest against the base; not in the base's own cell. */
	struct shift shift;
	double boot_low, boot_high; /* logarithms too */
	double p_holm, needed;
	enum verdict verdict;
	enum because because; /* it is unclear */
};

struct compare_row {
	const struct run_storm *storm; /* the base's */
	enum leg leg;
	bool clean;
	char note[96];		   /* what --force let through; "" */
	struct compare_cell *cell; /* by side */
};

/* A storm that is not compared, or not with all. */
struct compare_omitted {
	char storm[72], why[160];
};

struct compare {
	const struct compare_side *side;
	size_t sides, base;
	double margin;
	enum compare_unit unit;
	bool groups; /* the unit of inference is the run */
	struct compare_row *row;
	size_t rows;
	size_t tests; /* in the family */
	struct compare_omitted *omitted;
	size_t omissions;
	char forced[320]; /* what --force let through of the runs; "" */
};

/*
 * 0, or -errno and why: -EINVAL: the runs cannot be set beside each other (why says what differs);
 * -ENODATA: they share no storm. The sides stay the caller's, and must outlive the result.
 */
int compare_new(const struct compare_side *sides, size_t count,
		const struct compare_options *options, struct compare **compare, char *why);
void compare_free(struct compare *compare); /* NULL is fine */
/* Storms that are slower by more than this many percent. */
size_t compare_regressions(const struct compare *compare, double percent);
size_t compare_unclear(const struct compare *compare, enum because because);

/* Return 0 or -ENOMEM; what became of `out` is the caller's to ask. CSV has a line a comparison. */
int compare_print(const struct compare *compare, FILE *out, enum table_form form, int width);
int compare_json(const struct compare *compare, FILE *out); /* "exitstorm-compare/1" */

#endif
