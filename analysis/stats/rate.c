// SPDX-License-Identifier: GPL-2.0-or-later
#include "rate.h"

#include <gsl/gsl_cdf.h>

void rate_interval(size_t hits, size_t tries, double *low, double *high)
{
	*low = hits ? gsl_cdf_beta_Pinv(0.025, hits, tries - hits + 1.0) : 0;
	*high = hits < tries ? gsl_cdf_beta_Pinv(0.975, hits + 1.0, tries - hits) : 1;
}
