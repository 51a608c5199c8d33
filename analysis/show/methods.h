/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A methods paragraph for a paper: what was measured, how, and what was left out. */
#ifndef ANALYSIS_SHOW_METHODS_H
#define ANALYSIS_SHOW_METHODS_H

#include <stdio.h>

#include "../../results/run.h"

/* 0 or -ENOMEM; the caller checks `out`. */
int show_methods(const struct run *run, FILE *out, int width);

#endif
