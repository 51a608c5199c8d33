// SPDX-License-Identifier: GPL-2.0-or-later
#include "modes.h"

#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "stats.h"

#define MIN_VALUES 100
#define MIN_SHARE  0.05
#define VALLEY	   0.5
#define BINS	   512
#define REACH	   4 /* bandwidths of the Gaussian kernel */
/* The ends of the values that are looked at: a mode below or above has less than MIN_SHARE. */
#define LOW  0.01
#define HIGH 0.99

/* Values by the logarithm of their ticks, so that tails are short. */
struct density {
	double low, width; /* of bin 0; of a bin, in logarithms */
	double value[BINS], smooth[BINS];
};

/* Counts the values of each bin, those of a histogram's bucket spread over their width and the
 * step. */
static void fill(struct density *density, const struct histogram *histogram, double step)
{
	u32 first, last;

	histogram_used(histogram, &first, &last);
	for (u32 i = first; i <= last; i++) {
		double middle = histogram_low(i, HISTOGRAM_SUB_BITS) +
				(histogram_width(i, HISTOGRAM_SUB_BITS) - 1) / 2.0;
		double half = fmax(histogram_width(i, HISTOGRAM_SUB_BITS), step) / 2;
		/* A value of 0 lies at 1/2 to 1, so that it has a width, too. */
		double from = log(fmax(middle - half, 0.5)), to = log(fmax(middle + half, 1));
		double begin = (from - density->low) / density->width;
		double end = (to - density->low) / density->width;

		if (!histogram->bucket[i])
			continue;
		for (int bin = fmax(floor(begin), 0); bin < BINS && bin < end; bin++) {
			double part = fmin(end, bin + 1) - fmax(begin, bin);

			density->value[bin] += histogram->bucket[i] * part / (end - begin);
		}
	}
}

static void smooth(struct density *density, double bandwidth)
{
	double bins = bandwidth / density->width, weight[BINS];
	int reach = fmin(ceil(REACH * bins), BINS - 1);

	for (int i = 0; i <= reach; i++)
		weight[i] = exp(-0.5 * pow(i / bins, 2));
	for (int from = 0; from < BINS; from++) {
		double value = density->value[from];

		for (int i = fmax(from - reach, 0); value && i < BINS && i <= from + reach; i++)
			density->smooth[i] += value * weight[abs(i - from)];
	}
}

/*
 * Silverman's bandwidth (Density Estimation for Statistics and Data Analysis, 1986, section 3.4.1),
 * of the quartiles alone; not below the clock's step, which makes a comb of a narrow distribution.
 */
static double bandwidth_of(const struct histogram *histogram, double step)
{
	double spread = log(stats_quantile(histogram, 0.75)) - log(stats_quantile(histogram, 0.25));
	double coarse = step / stats_quantile(histogram, 0.5);

	return fmax(0.9 * spread / 1.34 * pow(histogram->count, -0.2), coarse);
}

/* The lowest bin between two peaks. */
static int valley_between(const struct density *density, int from, int to)
{
	int lowest = from;

	for (int i = from; i <= to; i++)
		if (density->smooth[i] < density->smooth[lowest])
			lowest = i;
	return lowest;
}

/* Bins that part the modes: cut[0..n]. Returns n. */
static size_t cut(const struct density *density, int cuts[MODES_MAX + 1])
{
	int peak = -1;
	size_t modes = 0;

	cuts[0] = 0;
	for (int i = 0; i < BINS; i++) {
		bool top = density->smooth[i] > (i ? density->smooth[i - 1] : 0) &&
			   density->smooth[i] >= (i + 1 < BINS ? density->smooth[i + 1] : 0);
		int valley;

		if (!top)
			continue;
		valley = peak < 0 ? 0 : valley_between(density, peak, i);
		if (peak < 0) {
			peak = i;
			modes = 1;
		} else if (density->smooth[valley] <=
				   VALLEY * fmin(density->smooth[peak], density->smooth[i]) &&
			   modes < MODES_MAX) {
			cuts[modes++] = valley;
			peak = i;
		} else if (density->smooth[i] > density->smooth[peak]) {
			peak = i;
		}
	}
	cuts[modes] = BINS;
	return modes;
}

static double sum(const struct density *density, int from, int to)
{
	double all = 0;

	for (int i = from; i < to; i++)
		all += density->value[i];
	return all;
}

/* Joins parts of too few values to their lower neighbour, the first one to the next. */
static size_t join(const struct density *density, int cuts[MODES_MAX + 1], size_t modes)
{
	double all = sum(density, 0, BINS);

	for (size_t i = 0; i < modes && modes > 1;) {
		if (sum(density, cuts[i], cuts[i + 1]) >= MIN_SHARE * all) {
			i++;
			continue;
		}
		for (size_t j = i ? i : 1; j < modes; j++)
			cuts[j] = cuts[j + 1];
		modes--;
		i = 0;
	}
	return modes;
}

static double median_between(const struct density *density, int from, int to)
{
	double half = sum(density, from, to) / 2, below = 0;
	int bin = from;

	while (bin + 1 < to && below + density->value[bin] < half)
		below += density->value[bin++];
	return exp(density->low +
		   density->width * (bin + (half - below) / fmax(density->value[bin], 1e-300)));
}

size_t modes_find(const struct histogram *histogram, double step, struct mode mode[MODES_MAX])
{
	struct density *density;
	int cuts[MODES_MAX + 1];
	double low, high, bandwidth, all;
	size_t modes;

	if (histogram->count < MIN_VALUES)
		return 0;
	low = stats_quantile(histogram, LOW);
	high = stats_quantile(histogram, HIGH);
	/* Where a step of the clock is as long as the values, there is nothing to tell apart. */
	if (!(low >= 1) || high - low <= 2 * step || step > stats_quantile(histogram, 0.5)) {
		mode[0] = (struct mode){stats_quantile(histogram, 0.5), 1};
		return 1;
	}
	bandwidth = bandwidth_of(histogram, step);
	density = memory_new(1, sizeof(*density));
	density->low = log(low) - REACH * bandwidth;
	density->width = (log(high) + REACH * bandwidth - density->low) / BINS;
	bandwidth = fmax(bandwidth, density->width);
	fill(density, histogram, step);
	smooth(density, bandwidth);
	modes = join(density, cuts, cut(density, cuts));
	all = sum(density, 0, BINS);
	for (size_t i = 0; i < modes; i++)
		mode[i] = (struct mode){median_between(density, cuts[i], cuts[i + 1]),
					sum(density, cuts[i], cuts[i + 1]) / all};
	free(density);
	return modes;
}
