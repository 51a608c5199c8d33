/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is one group of values greater than another? All values are natural logarithms, so that a
 * difference is a ratio: exp(0.02) is 2 % more.
 */
#ifndef ANALYSIS_STATS_INFERENCE_H
#define ANALYSIS_STATS_INFERENCE_H

#include <stddef.h>

#include "../../trace/types.h"

#define INFERENCE_ALPHA 0.05

enum verdict { VERDICT_UNCLEAR, VERDICT_SAME, VERDICT_FASTER, VERDICT_SLOWER };
extern const char *const verdict_name[];

struct sample {
	double *log; /* of the repeats' (or the runs') medians */
	size_t n;
	/*
	 * How far the clock's step may have shifted all values together, which no repeat averages
	 * out.
	 */
	double blur;
};

struct shift {
	double log; /* the new mean less the base's */
	double low,
		high; /* 95 % (Welch's t, widened by the blurs); NAN: a group has less than two */
	double p;     /* p-value of a difference beyond the blurs; NAN as above */
	double error; /* standard error; NAN as above */
	double blur;  /* sum of both blurs */
	size_t n;     /* of the smaller group */
};

double sample_mean(const struct sample *sample);
void shift_welch(const struct sample *base, const struct sample *now, struct shift *shift);
/*
 * Percentile bootstrap of the difference of means, with a fixed seed, as a check on Welch's
 * interval. With ten values it is too narrow to decide on. Both NAN: a group has less than two
 * values, or no memory.
 */
void shift_bootstrap(const struct sample *base, const struct sample *now, double *low,
		     double *high);
/* Holm's step-down adjustment of p[] in place. NAN stays and is not counted. 0 or -ENOMEM. */
int holm_adjust(double *p, size_t count);
/*
 * Same: the interval lies within the margin (0.01 is 1 %). Faster or slower: it does not, and
 * `p_holm` is below INFERENCE_ALPHA. Unclear: neither.
 */
enum verdict shift_verdict(const struct shift *shift, double p_holm, double margin);
/*
 * The number of values in each group that would give a verdict at the spread that was seen: the
 * interval within ±margin, or p below `alpha`. INFINITY: no number would, the blur is too large;
 * NAN: no spread is known.
 */
double shift_needed(const struct shift *shift, double margin, double alpha);

#endif
