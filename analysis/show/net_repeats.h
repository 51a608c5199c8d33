/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Round trip and control repeat by repeat, for the net cost. */
#ifndef ANALYSIS_SHOW_NET_REPEATS_H
#define ANALYSIS_SHOW_NET_REPEATS_H

#include <stddef.h>

#include "../../results/run.h"

/* Ticks of a record, one per repeat: means over its vCPUs. NAN: the repeat has none. */
struct net_repeats {
	double *trip, *control;
	size_t count;
};

void net_repeats_of(const struct run *run, const struct run_storm *storm,
		    struct net_repeats *repeats);
void net_repeats_free(struct net_repeats *repeats);

/* Operations between a pair of stamps: setting `ops`, 1 in runs without it. */
double net_ops(const struct run *run);

/* The centre of a value of each repeat, and its interval, widened by `blur`. NANs are left out. */
struct net_figure {
	double centre, low, high;
};
struct net_figure net_centre(const double *value, size_t count, double blur);

#endif
