/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For compare.c and the files by subject beside it. */
#ifndef ANALYSIS_COMPARE_PRIVATE_H
#define ANALYSIS_COMPARE_PRIVATE_H

#include "compare.h"

/* May these runs stand beside each other, and in which unit? -EINVAL and why. */
int compare_check(struct compare *compare, const struct compare_options *options, char *why);
/* Verdicts of all cells; `force`: also where others were at work. -ENOMEM. */
int compare_judge(struct compare *compare, bool force);
/* Of this side's run nothing can be said beside the base's: others were at work. */
bool compare_is_busy(const struct compare *compare, size_t side);
/* compare_text.c, for report_compare.c too. Texts have COMPARE_CELL bytes. */
#define COMPARE_CELL 48
void compare_put_ratio(char *text, double log);
void compare_put_interval(char *text, const struct shift *shift);
void compare_put_verdict(char *text, const struct compare_cell *cell, bool groups);
void compare_put_value(const struct compare *compare, char *text, double value);
/* What the table's words mean, a line a note. */
void compare_put_notes(const struct compare *compare, FILE *out);
/* Those of them that say what was not compared, and why. */
void compare_put_omitted(const struct compare *compare, FILE *out);
/* Moves by itself: a difference in it says nothing of the machine. */
bool compare_passing(const char *path);
int compare_csv(const struct compare *compare, FILE *out);

#endif
