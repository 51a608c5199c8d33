/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison for programs. */
#ifndef ANALYSIS_COMPARE_EXPORT_H
#define ANALYSIS_COMPARE_EXPORT_H

#include <stdio.h>

#include "comparison.h"

/* Return 0 or -ENOMEM; the caller checks `out` for write errors. */
int compare_csv(const struct compare *compare, FILE *out);  /* one line per comparison */
int compare_json(const struct compare *compare, FILE *out); /* "exitstorm-compare/1" */

#endif
