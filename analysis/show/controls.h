/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controls of raw VMX or SVM that were in force. */
#ifndef ANALYSIS_SHOW_CONTROLS_H
#define ANALYSIS_SHOW_CONTROLS_H

#include <stdio.h>

#include "../../results/run.h"

/* 0 or -ENOMEM; the caller checks `out`. */
int show_controls(const struct run *run, FILE *out, int width);

#endif
