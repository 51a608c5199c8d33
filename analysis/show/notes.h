/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines above and below a run's tables. Each is one allocated text. 0 or -ENOMEM. */
#ifndef ANALYSIS_SHOW_NOTES_H
#define ANALYSIS_SHOW_NOTES_H

#include "../../results/run.h"

int show_title(const struct run *run, char **text);
/* Storms without a figure and why, the columns' meaning, lost and disturbed records. */
int show_notes(const struct run *run, char **text);

#endif
