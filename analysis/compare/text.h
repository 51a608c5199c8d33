/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison for people: how its inputs differ, the table, what its words mean. */
#ifndef ANALYSIS_COMPARE_TEXT_H
#define ANALYSIS_COMPARE_TEXT_H

#include <stdio.h>

#include "../output/table.h"
#include "comparison.h"

/* 0 or -ENOMEM; the caller checks `out` for write errors. TABLE_CSV: as compare_csv. */
int compare_print(const struct compare *compare, FILE *out, enum table_form form, int width);

#endif
