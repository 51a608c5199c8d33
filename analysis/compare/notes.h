/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines below a comparison's table. */
#ifndef ANALYSIS_COMPARE_NOTES_H
#define ANALYSIS_COMPARE_NOTES_H

#include <stdio.h>

#include "comparison.h"

/* What the table's words mean, a line a note. */
void compare_put_notes(const struct compare *compare, FILE *out);
/* Those of them that say what was not compared, and why. */
void compare_put_omitted(const struct compare *compare, FILE *out);

#endif
