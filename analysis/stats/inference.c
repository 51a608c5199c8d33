// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/fatal.h"
#include "../../results/memory.h"

#define TRIM	  5 /* a fifth of the values is cut off at each end */
#define RESAMPLES 2000

const char *const verdict_name[] = {
	[VERDICT_UNCLEAR] = "unclear",
	[VERDICT_SAME] = "same",
	[VERDICT_FASTER] = "faster",
	[VERDICT_SLOWER] = "slower",
};

/* Location, and what its error is made of. */
struct centre {
	double mean;	/* trimmed */
	double squared; /* standard error, squared */
	double freedom;
};

size_t inference_kept(size_t n)
{
	return n - 2 * (n / TRIM);
}

double inference_widening(double n, double h)
{
	return 1 + (n - h) / 2 / (h * h);
}

double inference_factor(double n, double h)
{
	return (n - 1) / (h * (h - 1));
}

/* Sorts value[]. */
static void find_centre(double *value, size_t n, struct centre *centre)
{
	size_t cut = n / TRIM;

	*centre = (struct centre){.mean = NAN, .squared = NAN, .freedom = inference_kept(n) - 1.0};
	if (!n)
		return;
	gsl_sort(value, 1, n);
	centre->mean = gsl_stats_mean(value + cut, 1, inference_kept(n));
	if (n < 2)
		return;
	for (size_t i = 0; i < cut; i++) { /* winsorised */
		value[i] = value[cut];
		value[n - 1 - i] = value[n - 1 - cut];
	}
	centre->squared = gsl_stats_variance(value, 1, n) * inference_factor(n, inference_kept(n));
}

static void centre_of(const struct sample *sample, struct centre *centre)
{
	double *value = memory_new(sample->n, sizeof(*value));

	if (sample->n)
		memcpy(value, sample->log, sample->n * sizeof(*value));
	find_centre(value, sample->n, centre);
	free(value);
}

double sample_centre(const struct sample *sample)
{
	struct centre centre;

	centre_of(sample, &centre);
	return centre.mean;
}

void sample_interval(const struct sample *sample, double *low, double *high)
{
	struct centre centre;
	double half;

	*low = *high = NAN;
	centre_of(sample, &centre);
	if (sample->n < 2 || !isfinite(centre.squared))
		return;
	half = gsl_cdf_tdist_Pinv(0.975, centre.freedom) * sqrt(centre.squared) *
	       inference_widening(sample->n, inference_kept(sample->n));
	half += sample->blur;
	*low = centre.mean - half;
	*high = centre.mean + half;
}

double sample_squared_error(const struct sample *sample)
{
	struct centre centre;

	centre_of(sample, &centre);
	return centre.squared;
}

void sample_free(struct sample *sample)
{
	free(sample->log);
	free(sample->repeat);
	*sample = (struct sample){0};
}

/* Sets interval and p from the shift's log, blur and `n`. */
static void set_interval(struct shift *shift, double squared, double freedom)
{
	double half, beyond = fabs(shift->log) - shift->blur;

	shift->low = shift->high = shift->p = shift->error = NAN;
	if (shift->n < 2 || !isfinite(shift->log) || !isfinite(squared))
		return;
	shift->error = sqrt(squared);
	shift->freedom = freedom;
	if (!(shift->error > 0)) { /* no spread: only the clock's step is left */
		shift->low = shift->log - shift->blur;
		shift->high = shift->log + shift->blur;
		shift->p = beyond > 0 ? 0 : 1;
		return;
	}
	half = gsl_cdf_tdist_Pinv(0.975, freedom) * shift->error + shift->blur;
	shift->low = shift->log - half;
	shift->high = shift->log + half;
	shift->p = beyond > 0 ? 2 * gsl_cdf_tdist_Q(beyond / shift->error, freedom) : 1;
}

void shift_unpaired(const struct sample *base, const struct sample *now, struct shift *shift)
{
	struct centre left, right;
	double both;

	centre_of(base, &left);
	centre_of(now, &right);
	*shift = (struct shift){
		.log = right.mean - left.mean,
		.blur = base->blur + now->blur,
		.n = base->n < now->n ? base->n : now->n,
	};
	both = left.squared + right.squared;
	set_interval(shift, both,
		     both * both /
			     (left.squared * left.squared / left.freedom +
			      right.squared * right.squared / right.freedom));
}

static u64 number_of(const struct sample *sample, size_t index)
{
	return sample->repeat ? sample->repeat[index] : index;
}

/* Differences of all pairs; *n: their number. The caller frees the result. */
static double *differences(const struct sample *base, const struct sample *now, size_t *n)
{
	double *difference = memory_new(base->n, sizeof(*difference));

	*n = 0;
	for (size_t i = 0, j = 0; i < base->n && j < now->n;) {
		u64 left = number_of(base, i), right = number_of(now, j);

		if (left == right)
			difference[(*n)++] = now->log[j] - base->log[i];
		i += left <= right;
		j += right <= left;
	}
	return difference;
}

void shift_paired(const struct sample *base, const struct sample *now, struct shift *shift)
{
	struct centre centre;
	double wider;
	size_t n;
	double *difference = differences(base, now, &n);

	wider = n ? inference_widening(n, inference_kept(n)) : 1;
	find_centre(difference, n, &centre);
	*shift = (struct shift){
		.log = centre.mean,
		.blur = base->blur + now->blur,
		.n = n,
		.paired = true,
	};
	set_interval(shift, centre.squared * wider * wider, centre.freedom);
	free(difference);
}

/* Values in ascending order, from which samples of the same size are drawn. */
struct source {
	double *value;
	u32 *drawn; /* how often each value is in the sample */
	size_t n;
};

static void source_new(struct source *source, const double *value, size_t n)
{
	source->n = n;
	source->value = memory_new(n, sizeof(*source->value));
	source->drawn = memory_new(n, sizeof(*source->drawn));
	memcpy(source->value, value, n * sizeof(*value));
	gsl_sort(source->value, 1, n);
}

static void source_free(struct source *source)
{
	free(source->value);
	free(source->drawn);
}

/* The trimmed mean of as many values as there are, drawn with replacement. */
static double resampled(const struct source *source, gsl_rng *rng)
{
	size_t n = source->n, skip = n / TRIM, keep = inference_kept(n), left = keep;
	double sum = 0;

	memset(source->drawn, 0, n * sizeof(*source->drawn));
	for (size_t i = 0; i < n; i++)
		source->drawn[gsl_rng_uniform_int(rng, n)]++;
	for (size_t i = 0; i < n && left; i++) {
		size_t count = source->drawn[i], out = count < skip ? count : skip;

		skip -= out;
		count -= out;
		count = count < left ? count : left;
		left -= count;
		sum += count * source->value[i];
	}
	return sum / keep;
}

/* Of other[]'s centre less that of one[]; m is 0: of one[], which holds differences. */
static void bootstrap(const double *one, size_t n, const double *other, size_t m, double *low,
		      double *high)
{
	double *shift = memory_new(RESAMPLES, sizeof(*shift));
	struct source left, right = {0};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	source_new(&left, one, n);
	if (m)
		source_new(&right, other, m);
	if (rng) {
		gsl_rng_set(rng, 1);
		for (size_t i = 0; i < RESAMPLES; i++) {
			shift[i] = m ? resampled(&right, rng) : 0;
			shift[i] += (m ? -1 : 1) * resampled(&left, rng);
		}
		gsl_sort(shift, 1, RESAMPLES);
		*low = gsl_stats_quantile_from_sorted_data(shift, 1, RESAMPLES, 0.025);
		*high = gsl_stats_quantile_from_sorted_data(shift, 1, RESAMPLES, 0.975);
		gsl_rng_free(rng);
	}
	source_free(&left);
	source_free(&right);
	free(shift);
}

void shift_bootstrap(const struct sample *base, const struct sample *now, bool paired, double *low,
		     double *high)
{
	double *difference;
	size_t n;

	*low = *high = NAN;
	if (!paired) {
		if (base->n > 1 && now->n > 1)
			bootstrap(base->log, base->n, now->log, now->n, low, high);
		return;
	}
	difference = differences(base, now, &n);
	if (n > 1)
		bootstrap(difference, n, NULL, 0, low, high);
	free(difference);
}

int holm_adjust(double *p, size_t count)
{
	size_t *order = memory_get((count + 1) * sizeof(*order)), n = 0;
	double *known = memory_get((count + 1) * sizeof(*known)), previous = 0;

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
