/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines below a comparison's table. */
#ifndef ANALYSIS_COMPARE_NOTES_H
#define ANALYSIS_COMPARE_NOTES_H

#include <stdio.h>

#include "comparison.h"

/* Explains the table's words, one note per line. */
void compare_put_notes(const struct compare *compare, FILE *out);
/* Only the notes on storms that were not compared, and why. */
void compare_put_omitted(const struct compare *compare, FILE *out);

#endif
