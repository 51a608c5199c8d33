/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where runs stand on an axis of their own. As plot_kind.places has it. */
#ifndef ANALYSIS_PLOT_PLACES_H
#define ANALYSIS_PLOT_PLACES_H

#include "figure.h"

int plot_places_vcpus(struct figure *figure, char *why);
/* The one setting in which the runs differ. */
int plot_places_setting(struct figure *figure, char *why);
int plot_places_cpu(struct figure *figure, char *why);

#endif
