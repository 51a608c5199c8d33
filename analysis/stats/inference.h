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
	/* Their numbers in ascending order, by which pairs are found; NULL: 0, 1, 2, ... */
	u64 *repeat;
	size_t n;
	/*
	 * How far the clock's step may have shifted all values together, which no repeat averages
	 * out.
	 */
	double blur;
};

struct shift {
	double log; /* the new centre less the base's; of pairs the centre of their differences */
	double low, high; /* 95 %, widened by the blurs; NAN: less than two values or pairs */
	double p;	  /* p-value of a difference beyond the blurs; NAN as above */
	double error;	  /* standard error; NAN as above */
	double freedom;	  /* degrees of freedom of the error */
	double blur;	  /* sum of both blurs */
	size_t n;	  /* of the smaller group, or the pairs */
	bool paired;
};

/* The mean without the lowest and the highest fifth of the values. NAN: no values, no memory. */
double sample_centre(const struct sample *sample);
/* 95 % interval of the centre, widened by the blur. NAN: less than two values. */
void sample_interval(const struct sample *sample, double *low, double *high);
/* The standard error of the centre, squared, without the blur. NAN: less than two values. */
double sample_squared_error(const struct sample *sample);
void sample_free(struct sample *sample);
/*
 * Yuen's t of trimmed means with winsorised variances and Welch's degrees of freedom. K. K. Yuen,
 * "The two-sample trimmed t for unequal population variances", Biometrika 61 (1974).
 */
void shift_unpaired(const struct sample *base, const struct sample *now, struct shift *shift);
/*
 * The same t of the differences of values with the same number in both samples. A value without a
 * partner is left out.
 */
void shift_paired(const struct sample *base, const struct sample *now, struct shift *shift);
/*
 * Percentile bootstrap of the shift, with a fixed seed, as a check on its interval. With ten values
 * it is too narrow to decide on. Both NAN: less than two values or pairs, or no memory.
 */
void shift_bootstrap(const struct sample *base, const struct sample *now, bool paired, double *low,
		     double *high);
/* Holm's step-down adjustment of p[] in place. NAN stays and is not counted. 0 or -ENOMEM. */
int holm_adjust(double *p, size_t count);
/*
 * Same: the interval lies within the margin (0.01 is 1 %). Faster or slower: it does not, and
 * `p_holm` is below INFERENCE_ALPHA. Unclear: neither.
 */
enum verdict shift_verdict(const struct shift *shift, double p_holm, double margin);

/* Values that stay if a fifth of `n` is cut off at each end. */
size_t inference_kept(size_t n);
/*
 * The t of one trimmed centre is too narrow for few values: of normal ones it covers 94.2 % with
 * ten and 93.7 % with five. By this factor it covers 94.6 to 95.5 % (60,000 trials, n = 5 to 100).
 */
double inference_widening(double n, double h);
/* From the winsorised variance to the squared error, with `h` of `n` values kept: 1 / n for all. */
double inference_factor(double n, double h);

#endif
