/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The summary of a run for people. */
#ifndef ANALYSIS_SHOW_SHOW_H
#define ANALYSIS_SHOW_SHOW_H

#include <stdio.h>

#include "../../results/run.h"
#include "../output/table.h"

/*
 * TEXT: a title, a table for each group of storms whose legs were taken at the same sites, then the
 * storms without a figure, then notes; fits `width` columns (0: as wide as it needs). MARKDOWN and
 * LATEX: the same as one table. CSV: as show_csv. 0 or -ENOMEM; the caller checks `out`.
 */
int show_print(const struct run *run, FILE *out, enum table_form form, int width);

#endif
