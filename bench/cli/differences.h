/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different between a run and the one that it repeats: everything but the figures. */
#ifndef BENCH_CLI_DIFFERENCES_H
#define BENCH_CLI_DIFFERENCES_H

#include <stdio.h>

#include "../../results/run.h"

void differences_print(const struct run *before, const json_t *now, FILE *out);

#endif
