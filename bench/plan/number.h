/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole numbers as users write them, for options and settings. */
#ifndef BENCH_PLAN_NUMBER_H
#define BENCH_PLAN_NUMBER_H

#include "../../trace/types.h"

/* Digits and nothing else. False: anything else, or more than 64 bits. */
bool number_digits(const char *text, u64 *value);
/*
 * The same with nothing, a suffix (k, M, G) of powers of `base`, or an exponent where base is 1000:
 * "250", "10k", "2e6".
 */
bool number_read(const char *text, u64 base, u64 *value);

#endif
