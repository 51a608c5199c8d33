// SPDX-License-Identifier: GPL-2.0-or-later
#include "decided.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"

bool decided(const struct shift *shift, double p, double margin)
{
	double half;

	if (isnan(shift->error))
		return false;
	if (p < DECIDED_ALPHA)
		return true;
	half = shift->blur;
	if (shift->error > 0)
		half += gsl_cdf_tdist_Pinv(1 - DECIDED_ALPHA / 2, shift->freedom) * shift->error;
	return fabs(shift->log) + half <= log1p(margin);
}

void decided_shift(const struct session *session, const struct storm *storm, struct shift *shift)
{
	struct sample base, now;

	collect_sample(session->variant[0].collect, storm, &base);
	collect_sample(session->variant[1].collect, storm, &now);
	shift_paired(&base, &now, shift);
	sample_free(&base);
	sample_free(&now);
}

static bool is_measured(const struct session *session, const struct storm *storm)
{
	for (u32 i = 0; i < 2; i++)
		if (collect_status(session->variant[i].collect, storm) != STORM_MEASURED)
			return false;
	return true;
}

u32 decided_open(const struct session *session, double margin, u32 *measured)
{
	struct shift *shift = memory_new(session->storms, sizeof(*shift));
	double *p = memory_new(session->storms, sizeof(*p));
	u32 open = 0;

	*measured = 0;
	for (u32 i = 0; i < session->storms; i++) {
		if (!is_measured(session, session->storm[i]))
			continue;
		decided_shift(session, session->storm[i], &shift[*measured]);
		p[*measured] = shift[*measured].p;
		(*measured)++;
	}
	holm_adjust(p, *measured);
	for (u32 i = 0; i < *measured; i++)
		open += !decided(&shift[i], p[i], margin);
	free(shift);
	free(p);
	return open;
}
