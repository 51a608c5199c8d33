/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms of a table that other programs read: CSV (RFC 4180), Markdown, LaTeX (booktabs). */
#ifndef ANALYSIS_OUTPUT_TABLE_FORMS_H
#define ANALYSIS_OUTPUT_TABLE_FORMS_H

#include <stdio.h>

#include "table_data.h"

void table_csv(const struct table *table, FILE *out);
void table_markdown(const struct table *table, FILE *out);
void table_latex(const struct table *table, FILE *out);

#endif
