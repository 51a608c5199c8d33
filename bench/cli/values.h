/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as users write them. `option` is the option as it was written, for the message. Each
 * returns STATUS_OK, or STATUS_USAGE after one line on stderr that names the range.
 */
#ifndef BENCH_CLI_VALUES_H
#define BENCH_CLI_VALUES_H

#include "cli.h"

/* From min to max: "1000", "10k", "1M", "2G" (powers of 1000), "2e6". */
int value_count(const char *option, const char *text, u64 min, u64 max, u64 *number);
/* From min to max bytes: "4096", "64k", "16M", "1G" (powers of 1024). */
int value_size(const char *option, const char *text, u64 min, u64 max, u64 *bytes);
/* From low to high. */
int value_number(const char *option, const char *text, double low, double high, double *number);
/* From low to high percent: "2", "0.5%". */
int value_percent(const char *option, const char *text, double low, double high, double *percent);
/* Seconds from low on; low 0: above 0. "10", "0.5", "100us", "2min"; below 1e9 of the unit. */
int value_seconds(const char *option, const char *text, double low, double *seconds);

#endif
