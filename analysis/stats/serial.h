/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are the values of a sample independent of those before them? */
#ifndef ANALYSIS_STATS_SERIAL_H
#define ANALYSIS_STATS_SERIAL_H

#include "inference.h"

/*
 * Values follow each other more than chance lets them: the lag-1 correlation of ranks of both
 * samples together, one-sided at 1 % (Wald and Wolfowitz 1943), while the samples overlap, each
 * without its lowest and highest fifth. An interval that takes them as independent is too narrow.
 * False also if there are too few values to tell.
 */
bool samples_are_serial(const struct sample *base, const struct sample *now);

#endif
