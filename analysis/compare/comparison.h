/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison's data: the inputs, and for each storm and leg a row with a cell for each input. */
#ifndef ANALYSIS_COMPARE_COMPARISON_H
#define ANALYSIS_COMPARE_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

#include "../../results/run.h"
#include "../stats/inference.h"

#define COMPARE_MARGIN 0.01

enum compare_unit { COMPARE_TICKS, COMPARE_NS, COMPARE_CYCLES, COMPARE_AUTO };
extern const char *const compare_unit_name[];

/* Why a verdict is unclear. */
enum unclear_reason {
	UNCLEAR_NOT,	/* it is not */
	UNCLEAR_ONE,	/* one repeat, or run, has no spread */
	UNCLEAR_SPREAD, /* more of them would settle it: `needed` */
	UNCLEAR_CLOCK,	/* no number would: its step is too coarse */
	UNCLEAR_BUSY,	/* others were at work, and the runs were not taken in turn */
};
extern const char *const unclear_reason_name[];

struct compare_input {
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
	size_t base;				      /* which input */
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
	enum unclear_reason unclear_reason; /* it is unclear */
};

struct compare_row {
	const struct run_storm *storm; /* the base's */
	enum leg leg;
	bool clean;
	char note[96];		   /* what --force let through; "" */
	struct compare_cell *cell; /* by input */
};

/* A storm that is not compared, or not with all. */
struct compare_omitted {
	char storm[72], why[160];
};

struct compare {
	const struct compare_input *input;
	size_t inputs, base;
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

/* Notes that a storm, or one of its inputs, is not compared, and why. 0 or -ENOMEM. */
int compare_omit(struct compare *compare, const char *storm, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void compare_free(struct compare *compare); /* NULL is fine */
/* Moves by itself: a difference in it says nothing of the machine. */
bool compare_passing(const char *path);

#endif
