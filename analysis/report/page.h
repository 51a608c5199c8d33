/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of a page, which allows its own style and script and nothing else. */
#ifndef ANALYSIS_REPORT_PAGE_H
#define ANALYSIS_REPORT_PAGE_H

#include <stdio.h>

void page_begin(FILE *out);		      /* to "exitstorm: " of the title */
void page_body(FILE *out);		      /* from the end of the title to the body's begin */
void page_end(FILE *out, const char *source); /* made from the `source` alone */

#endif
