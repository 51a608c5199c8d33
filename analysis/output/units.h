/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with separators and units. All write at most `size` bytes and return `text`. */
#ifndef ANALYSIS_OUTPUT_UNITS_H
#define ANALYSIS_OUTPUT_UNITS_H

#include <stddef.h>

char *units_ticks(char *text, size_t size, double ticks); /* 22592 -> "22,592"; NAN -> "-" */
char *units_short(char *text, size_t size, double ticks); /* 2345678 -> "2.35 M" */
char *units_ns(char *text, size_t size, double ticks, double hz); /* "9.82 us" */
/* At most two digits after the point, but never 0 or 100 for what is more or less: "0.29 %" */
char *units_percent(char *text, size_t size, double percent);
/* Up to six significant digits, without an exponent: "0.00001", "2.5" */
char *units_plain(char *text, size_t size, double number);
char *units_duration(char *text, size_t size, double seconds); /* "1 min 20 s" */

/*
 * Half of an interval, in percent, for the column "+-%": "0.5", "12", "<0.1" rather than a 0.0 that
 * is none, "0" for 0.
 */
char *units_half(char *text, size_t size, double percent);

#endif
