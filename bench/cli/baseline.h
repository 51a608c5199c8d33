/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of runs that `exitstorm gate` compares with. */
#ifndef BENCH_CLI_BASELINE_H
#define BENCH_CLI_BASELINE_H

#include "series.h"

/*
 * Checks that the folder holds runs of one plan and machine. *like: the path of its first run,
 * *target: the name of its target (both to be freed); *runs: how many there are. STATUS_OK, or the
 * status after a message.
 */
int baseline_open(const char *folder, char **like, char **target, u32 *runs);
/* Measures the runs again. The folder keeps the old ones until the new ones are complete. */
int baseline_refresh(const char *folder, const struct request *request,
		     const struct series *series);
/* False: they can be compared. True, after a message: they are of other machines or plans. */
bool baseline_check(const struct run *base, const struct run *run);

#endif
