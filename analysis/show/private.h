/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of show share: show.c (tables), show_text.c (words), show_export.c (CSV, JSON). */
#ifndef ANALYSIS_SHOW_PRIVATE_H
#define ANALYSIS_SHOW_PRIVATE_H

#include "show.h"

/* The lines above and below the tables, as one allocated text. 0 or -ENOMEM. */
int show_title(const struct run *run, char **text);
int show_notes(const struct run *run, char **text);
/*
 * Whether the run, or one storm, has legs by the kernel's stamps; which they are, in the order of the
 * way; the table of them.
 */
bool show_has_kernel(const struct run *run);
bool show_storm_has_kernel(const struct run_storm *storm);
size_t show_kernel_legs(const struct run *run, enum leg used[LEGS]);
struct table *show_kernel(const struct run *run);
/* Whether any counter was asked for; the table of them; what could not be counted, for the notes.
 */
bool show_has_counters(const struct run *run);
struct table *show_counters(const struct run *run);
void show_uncounted(const struct run *run, FILE *out);
/* Ticks of the control loop, measured as the storm's main leg was; NAN: not known. */
double show_control(const struct run_storm *storm);
int show_csv(const struct run *run, FILE *out);

#endif
