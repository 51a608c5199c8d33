/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers and verdicts of a comparison as text of at most COMPARE_CELL bytes. */
#ifndef ANALYSIS_COMPARE_NUMBERS_H
#define ANALYSIS_COMPARE_NUMBERS_H

#include "comparison.h"

#define COMPARE_CELL 48

/* `log`: of the ratio. */
void compare_put_ratio(char *text, double log);
void compare_put_interval(char *text, const struct shift *shift);
void compare_put_verdict(char *text, const struct compare_cell *cell, bool groups);
/* A median in the comparison's unit. */
void compare_put_value(const struct compare *compare, char *text, double value);

#endif
