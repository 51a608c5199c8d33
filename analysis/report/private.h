/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What report.c (the page), report_table.c (its tables) and report_figure.c share. */
#ifndef ANALYSIS_REPORT_PRIVATE_H
#define ANALYSIS_REPORT_PRIVATE_H

#include "report.h"

/* Text with what HTML would act upon escaped; what does not print becomes "?". */
void report_text(FILE *out, const char *text);
void report_storms(const struct run *run, size_t index, FILE *out);
void report_kernel(const struct run *run, size_t index, FILE *out); /* nothing without such stamps */
void report_environment(const struct run *run, FILE *out);

struct report_figures {
	char folder[64];
	size_t count; /* so far: each has ids of its own */
	char *note;
};
/* 0 or -errno, and then `why`; figures that these runs have nothing for are left out. */
int report_figure(struct report_figures *figures, const char *kind, struct run *const *run,
		  size_t runs, FILE *out, char *why);
/* Runs of one clock beside the first of them, with their figures. 0 or -errno, and then `why`. */
int report_compare(struct run **run, size_t runs, size_t base, struct report_figures *figures,
		   FILE *out, char *why);

#endif
