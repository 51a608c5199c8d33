/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The summary of a run. Return 0 or -errno (no memory); what became of `out` is the caller's to
 * ask.
 */
#ifndef ANALYSIS_SHOW_SHOW_H
#define ANALYSIS_SHOW_SHOW_H

#include <stdio.h>

#include "../../results/run.h"
#include "../output/table.h"

/*
 * TEXT: a title, a table for each group of storms whose legs were taken at the same sites, then the
 * storms without a figure, then notes; fits `width` columns (0: as wide as it needs). MARKDOWN and
 * LATEX: the same as one table. CSV: one line for each storm, leg, and all or clean records.
 */
int show_print(const struct run *run, FILE *out, enum table_form form, int width);
/* The storms' summaries with what was measured where: "exitstorm-show/1". */
int show_json(const struct run *run, FILE *out);
/* The controls of raw VMX or SVM that were in force. */
int show_controls(const struct run *run, FILE *out, int width);
/* A paragraph for a paper: what was measured, how, and what was left out. */
int show_methods(const struct run *run, FILE *out, int width);

#endif
