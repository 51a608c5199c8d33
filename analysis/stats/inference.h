/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is one group of values greater than another? All works on logarithms, so that a difference is a
 * ratio: exp(0.02) is 2 % more.
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
	/* How far the clock's step may have moved all of them at once: no repeat averages it out.
	 */
	double blur;
};

struct shift {
	double log; /* the new mean less the base's */
	double low,
		high; /* 95 % (Welch's t, widened by the blurs); NAN: a group has less than two */
	double p;     /* that the blurs alone do this; NAN likewise */
	double error; /* standard error; NAN likewise */
	double blur;  /* of both */
	size_t n;     /* of the smaller group */
};

double sample_mean(const struct sample *sample);
void shift_welch(const struct sample *base, const struct sample *now, struct shift *shift);
/*
 * The percentile bootstrap of the difference of means, seeded: a check on the above. Over ten
 * values it is too narrow to be used itself. Both NAN: a group has less than two, or no memory.
 */
void shift_bootstrap(const struct sample *base, const struct sample *now, double *low,
		     double *high);
/* Holm's step-down: p[] becomes adjusted p. NAN stays, and does not count. -ENOMEM. */
int holm_adjust(double *p, size_t count);
/*
 * Same: the interval lies inside the margin (0.01 is 1 %). Faster, slower: it does not, and p,
 * which Holm has adjusted, is below INFERENCE_ALPHA.
 */
enum verdict shift_verdict(const struct shift *shift, double p_holm, double margin);
/*
 * How many values in each group would settle it at the spread that was seen: the interval inside
 * ±margin, or p below `alpha`. INFINITY: none would (the blur does it); NAN: no spread was seen.
 */
double shift_needed(const struct shift *shift, double margin, double alpha);

#endif
