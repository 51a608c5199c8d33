/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text within the page. */
#ifndef ANALYSIS_REPORT_HTML_H
#define ANALYSIS_REPORT_HTML_H

#include <stdio.h>

/* Escapes the characters that HTML interprets; one that does not print becomes "?". */
void report_text(FILE *out, const char *text);
/* A cell of a table. The page's script sorts by `value`, the number before formatting. NAN: "-". */
void report_number(FILE *out, double value, const char *text);

#endif
