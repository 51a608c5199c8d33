/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with separators and units. All write at most `size` bytes and return `text`. */
#ifndef ANALYSIS_OUTPUT_UNITS_H
#define ANALYSIS_OUTPUT_UNITS_H

#include <stddef.h>

char *units_ticks(char *text, size_t size, double ticks); /* 22592 -> "22,592"; NAN -> "-" */
char *units_short(char *text, size_t size, double ticks); /* 2345678 -> "2.35 M" */
char *units_ns(char *text, size_t size, double ticks, double hz); /* "9.82 us" */
char *units_duration(char *text, size_t size, double seconds);	  /* "1 min 20 s" */

#endif
