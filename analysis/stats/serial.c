// SPDX-License-Identifier: GPL-2.0-or-later
#include "serial.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"

#define ALPHA	   0.01 /* of forty storms 0.4 by chance */
#define MIN_VALUES 5

/* The correlation of each value's rank with the next one's. NAN: all values are equal. */
static double rank_correlation(const struct sample *sample)
{
	double *rank = memory_new(sample->n, sizeof(*rank)), product = 0, squares = 0;
	double centre = (sample->n - 1) / 2.0;

	for (size_t i = 0; i < sample->n; i++) /* ties share the mean of their ranks */
		for (size_t j = 0; j < sample->n; j++)
			rank[i] += (sample->log[j] < sample->log[i]) +
				   (j != i && sample->log[j] == sample->log[i]) / 2.0;
	for (size_t i = 0; i < sample->n; i++) {
		squares += (rank[i] - centre) * (rank[i] - centre);
		if (i)
			product += (rank[i - 1] - centre) * (rank[i] - centre);
	}
	free(rank);
	return squares > 0 ? product / squares : NAN;
}

/* Under independence the correlation's mean is -1 / n. */
static double variance_of(double n)
{
	return (n - 2) * (n - 2) / (n * n * (n - 1));
}

/* The range of the values that remain without the lowest and the highest fifth. */
static void inner_range(const struct sample *sample, double *low, double *high)
{
	size_t cut = (sample->n - inference_kept(sample->n)) / 2;
	double *value = memory_new(sample->n, sizeof(*value));

	memcpy(value, sample->log, sample->n * sizeof(*value));
	gsl_sort(value, 1, sample->n);
	*low = value[cut];
	*high = value[sample->n - 1 - cut];
	free(value);
}

static bool overlap(const struct sample *base, const struct sample *now)
{
	double low[2], high[2];

	inner_range(base, &low[0], &high[0]);
	inner_range(now, &low[1], &high[1]);
	return low[0] <= high[1] && low[1] <= high[0];
}

bool samples_are_serial(const struct sample *base, const struct sample *now)
{
	double sum, variance;

	if (base->n < MIN_VALUES || now->n < MIN_VALUES || !overlap(base, now))
		return false;
	sum = rank_correlation(base) + 1.0 / base->n + rank_correlation(now) + 1.0 / now->n;
	variance = variance_of(base->n) + variance_of(now->n);
	return sum / sqrt(variance) > gsl_cdf_ugaussian_Qinv(ALPHA); /* not for NAN */
}
