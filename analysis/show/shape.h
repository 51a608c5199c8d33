/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes on the shape of distributions: modes, and the first operations of batches. */
#ifndef ANALYSIS_SHOW_SHAPE_H
#define ANALYSIS_SHOW_SHAPE_H

#include <stdio.h>

#include "../../results/run.h"

/* Storms whose main leg has more than one mode, with their figures; else nothing. */
void show_note_modes(const struct run *run, FILE *out);
/* The storm whose first operations differ most, if by 1 % or more. */
void show_note_first(const struct run *run, FILE *out);

#endif
