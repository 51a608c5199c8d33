/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a format's writer: what it writes, and the figures of it one by one. */
#ifndef ANALYSIS_EXPORT_FORMAT_H
#define ANALYSIS_EXPORT_FORMAT_H

#include <stdio.h>

#include "../compare/comparison.h"

/* The runs that are written, or with `compare` their comparison. */
struct format_data {
	const struct compare_input *input; /* one with one run, if there is no comparison */
	size_t inputs;
	const struct compare *compare; /* NULL: the runs alone */
	enum leg leg;		       /* LEGS: the leg that stands for each storm */
	bool all_legs;
	bool (*wanted)(void *arg, const char *storm); /* NULL: all storms */
	void *arg;
	double fail_above; /* percent; < 0: any slower storm fails */
	bool unclear_fails;
	bool doubt_fails; /* of those that are unclear, the ones that may be slower than that */
};

#define FORMAT_NAME 192

struct format_figure {
	const char *label; /* of the input; NULL: there is one run */
	const struct run *run;
	const struct run_storm *storm;
	enum leg leg;
	bool main;	      /* the leg stands for the storm */
	const char *unit;     /* "ns", "ticks", "instructions" */
	double scale;	      /* from ticks to the unit */
	struct sample sample; /* the repeats' medians, logarithms of ticks */
};

/* Calls back for each storm and leg that has figures. A result that is not 0 ends it. */
int format_each(const struct format_data *data,
		int (*one)(void *arg, const struct format_figure *figure), void *arg, char *why);
/* "base/pio_out/exit": without the label of a single run, and the leg that stands for a storm. */
const char *format_name(const struct format_figure *figure, char name[FORMAT_NAME]);
/* A repeat's value in the unit. */
double format_value(const struct format_figure *figure, size_t index);
/* Text for XML: its markup escaped, what XML 1.0 cannot hold replaced by '?'. */
void format_xml(FILE *out, const char *text);

#endif
