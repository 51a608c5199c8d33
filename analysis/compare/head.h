/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines above a comparison's table: its inputs, their clock, and how they differ. */
#ifndef ANALYSIS_COMPARE_HEAD_H
#define ANALYSIS_COMPARE_HEAD_H

#include <stdio.h>

#include "comparison.h"

/* 0 or -ENOMEM. */
int compare_put_head(const struct compare *compare, FILE *out);

#endif
