// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#define RESAMPLES  2000
#define MAX_NEEDED 1e6 /* more repeats than any run can have */

const char *const verdict_name[] = {
	[VERDICT_UNCLEAR] = "unclear",
	[VERDICT_SAME] = "same",
	[VERDICT_FASTER] = "faster",
	[VERDICT_SLOWER] = "slower",
};
double sample_mean(const struct sample *sample)
{
	return sample->n ? gsl_stats_mean(sample->log, 1, sample->n) : NAN;
}

/* Squared standard error of the mean. */
static double squared_error(const struct sample *sample)
{
	return gsl_stats_variance(sample->log, 1, sample->n) / sample->n;
}

void shift_welch(const struct sample *base, const struct sample *now, struct shift *shift)
{
	double left, right, half, freedom, beyond;

	*shift = (struct shift){
		.log = sample_mean(now) - sample_mean(base),
		.low = NAN,
		.high = NAN,
		.p = NAN,
		.error = NAN,
		.blur = base->blur + now->blur,
		.n = base->n < now->n ? base->n : now->n,
	};
	if (shift->n < 2 || !isfinite(shift->log))
		return;
	left = squared_error(base);
	right = squared_error(now);
	shift->error = sqrt(left + right);
	beyond = fabs(shift->log) - shift->blur;
	if (!(shift->error > 0)) { /* no spread: only the clock's step is left */
		shift->low = shift->log - shift->blur;
		shift->high = shift->log + shift->blur;
		shift->p = beyond > 0 ? 0 : 1;
		return;
	}
	freedom = (left + right) * (left + right) /
		  (left * left / (base->n - 1) + right * right / (now->n - 1));
	half = gsl_cdf_tdist_Pinv(0.975, freedom) * shift->error + shift->blur;
	shift->low = shift->log - half;
	shift->high = shift->log + half;
	shift->p = beyond > 0 ? 2 * gsl_cdf_tdist_Q(beyond / shift->error, freedom) : 1;
}

static double resampled_mean(const struct sample *sample, gsl_rng *rng)
{
	double sum = 0;

	for (size_t i = 0; i < sample->n; i++)
		sum += sample->log[gsl_rng_uniform_int(rng, sample->n)];
	return sum / sample->n;
}

void shift_bootstrap(const struct sample *base, const struct sample *now, double *low, double *high)
{
	gsl_rng *rng = NULL;
	double *shift;

	*low = *high = NAN;
	if (base->n < 2 || now->n < 2)
		return;
	shift = malloc(RESAMPLES * sizeof(*shift));
	if (shift)
		rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (rng) {
		gsl_rng_set(rng, 1);
		for (size_t i = 0; i < RESAMPLES; i++)
			shift[i] = resampled_mean(now, rng) - resampled_mean(base, rng);
		gsl_sort(shift, 1, RESAMPLES);
		*low = gsl_stats_quantile_from_sorted_data(shift, 1, RESAMPLES, 0.025);
		*high = gsl_stats_quantile_from_sorted_data(shift, 1, RESAMPLES, 0.975);
		gsl_rng_free(rng);
	}
	free(shift);
}

int holm_adjust(double *p, size_t count)
{
	size_t *order = malloc((count + 1) * sizeof(*order)), n = 0;
	double *known = malloc((count + 1) * sizeof(*known)), previous = 0;

	if (!order || !known) {
		free(order);
		free(known);
		return -ENOMEM;
	}
	/* NAN sorts to the end and is not adjusted. */
	for (size_t i = 0; i < count; i++) {
		known[i] = isnan(p[i]) ? INFINITY : p[i];
		n += !isnan(p[i]);
	}
	if (count)
		gsl_sort_index(order, known, 1, count);
	for (size_t i = 0; i < n; i++) {
		double adjusted = fmin(1, p[order[i]] * (n - i));

		previous = fmax(previous, adjusted);
		p[order[i]] = previous;
	}
	free(order);
	free(known);
	return 0;
}

enum verdict shift_verdict(const struct shift *shift, double p_holm, double margin)
{
	if (isnan(shift->low))
		return VERDICT_UNCLEAR;
	if (shift->low >= -log1p(margin) && shift->high <= log1p(margin))
		return VERDICT_SAME;
	if (!(p_holm < INFERENCE_ALPHA))
		return VERDICT_UNCLEAR;
	return shift->log > 0 ? VERDICT_SLOWER : VERDICT_FASTER;
}

/* Would `n` values in each group give a verdict? */
static bool settles(const struct shift *shift, double spread, double n, double margin, double alpha)
{
	double freedom = 2 * (n - 1), error = spread * sqrt(2 / n), off = fabs(shift->log);
	double half = gsl_cdf_tdist_Pinv(0.975, freedom) * error + shift->blur;

	return off + half <= log1p(margin) ||
	       off - shift->blur >= gsl_cdf_tdist_Pinv(1 - alpha / 2, freedom) * error;
}

double shift_needed(const struct shift *shift, double margin, double alpha)
{
	/* The spread of equal groups of this size that have this error. */
	double spread = shift->error * sqrt(shift->n / 2.0), low = 2, high = 2;

	if (isnan(shift->error))
		return NAN;
	while (!settles(shift, spread, high, margin, alpha)) {
		low = high;
		high *= 2;
		if (high > MAX_NEEDED)
			return INFINITY;
	}
	while (high - low > 1) {
		double middle = floor((low + high) / 2);

		if (settles(shift, spread, middle, margin, alpha))
			high = middle;
		else
			low = middle;
	}
	return fmax(high, shift->n + 1.0); /* `shift->n` values did not suffice */
}
