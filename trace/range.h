/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of CPUs or bits as the kernel writes them: "0,2-4". */
#ifndef TRACE_RANGE_H
#define TRACE_RANGE_H

#include <stdbool.h>

/*
 * Reads "N" or "N-M" at *at, and moves *at behind it: to a comma, the end of the text, or what is
 * no list. False: no range is there, M is below N, or a number has too many digits.
 */
bool range_next(const char **at, unsigned long *first, unsigned long *last);

#endif
