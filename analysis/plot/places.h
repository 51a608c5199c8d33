/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of runs on the horizontal axis, as plot_kind.places. */
#ifndef ANALYSIS_PLOT_PLACES_H
#define ANALYSIS_PLOT_PLACES_H

#include "figure.h"

int plot_places_vcpus(struct figure *figure, char *why);
/* The values of the one setting in which the runs differ. */
int plot_places_setting(struct figure *figure, char *why);
int plot_places_cpu(struct figure *figure, char *why);

#endif
