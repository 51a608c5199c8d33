// SPDX-License-Identifier: GPL-2.0-or-later
#include "until.h"

#include <math.h>

#include "../../analysis/stats/inference.h"

/* Fewer repeats have an interval, but one that is narrow by chance. */
#define MIN_REPEATS 5

static double half_of(const struct collect *base, const struct collect *collect,
		      const struct storm *storm)
{
	struct sample left = {0}, one;
	double low = NAN, high = NAN;
	struct shift shift;

	collect_sample(collect, storm, &one);
	if (base) {
		collect_sample(base, storm, &left);
		shift_paired(&left, &one, &shift);
		low = shift.low;
		high = shift.high;
	} else {
		sample_interval(&one, &low, &high);
	}
	if (one.n < MIN_REPEATS)
		low = NAN;
	sample_free(&left);
	sample_free(&one);
	return isnan(low) ? INFINITY : expm1((high - low) / 2) * 100;
}

double until_widest(const struct session *session, const struct storm **storm)
{
	bool several = session->variants > 1;
	double widest = 0;

	*storm = NULL;
	for (u32 i = 0; i < session->storms; i++)
		for (u32 j = several; j < session->variants; j++) {
			const struct collect *collect = session->variant[j].collect;
			double half;

			if (collect_status(collect, session->storm[i]) != STORM_MEASURED)
				continue;
			half = half_of(several ? session->variant[0].collect : NULL, collect,
				       session->storm[i]);
			if (half < widest)
				continue;
			widest = half;
			*storm = session->storm[i];
		}
	return widest;
}
