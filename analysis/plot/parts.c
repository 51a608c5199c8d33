// SPDX-License-Identifier: GPL-2.0-or-later
#include "parts.h"

#include <math.h>

#include "../describe/describe.h"
#include "../stats/figures.h"

/* In the order of the bar. Colours of Okabe and Ito; neighbours also differ in grey. */
static const struct {
	enum leg leg;
	const char *colour;
} parts[] = {
	{LEG_EXIT, "#E69F00"},	    {LEG_TO_KERNEL, "#D55E00"}, {LEG_TO_USER, "#F0E442"},
	{LEG_HANDLER, "#0072B2"},   {LEG_IN_KERNEL, "#999999"}, {LEG_RESUME, "#56B4E9"},
	{LEG_FROM_USER, "#009E73"}, {LEG_TO_GUEST, "#CC79A7"},
};
_Static_assert(sizeof(parts) / sizeof(*parts) <= PLOT_PARTS, "a figure has room for all parts");

/* If the kernel stamped as well, exit and resume are drawn as their parts. */
static bool has_part(const struct run_storm *storm, enum leg leg)
{
	if ((leg == LEG_EXIT && describe_has(storm, LEG_TO_KERNEL)) ||
	    (leg == LEG_RESUME && describe_has(storm, LEG_TO_GUEST)))
		return false;
	return describe_has(storm, leg);
}

bool plot_has_parts(const struct run_storm *storm)
{
	return describe_has(storm, LEG_HANDLER) || describe_has(storm, LEG_IN_KERNEL);
}

enum leg plot_leg(const struct figure *figure, const struct run_storm *storm)
{
	if (figure->plot->kind->stacked && !describe_has(storm, LEG_HANDLER))
		return LEG_IN_KERNEL;
	return figure->leg;
}

size_t plot_parts(const struct figure *figure, enum leg *leg)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		bool any = false;

		for (size_t j = 0; j < figure->count; j++)
			any |= has_part(figure->series[j].storm, parts[i].leg);
		if (any)
			leg[count++] = parts[i].leg;
	}
	return count;
}

static const char *part_colour(enum leg leg)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].leg == leg)
			return parts[i].colour;
	return "#000000";
}

/* The median of a part in the figure's unit; 0: the series has no such part. */
static double part_median(const struct series *series, enum leg leg)
{
	return has_part(series->storm, leg) ? figures_p50(&series->storm->leg[leg]) * series->scale
					    : 0;
}

double plot_parts_sum(const struct series *series)
{
	double sum = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		sum += part_median(series, parts[i].leg);
	return sum;
}

/* The positions at which the parts begin, and the bar's end. */
int plot_data_legs(const struct figure *figure, const struct series *series,
		   const struct histogram *histogram, FILE *file, char *why)
{
	enum leg leg[PLOT_PARTS];
	size_t count = plot_parts(figure, leg);
	double at = 0;

	(void)histogram;
	(void)why;
	fprintf(file, "%zu 0", (size_t)(series - figure->series));
	for (size_t i = 0; i < count; i++)
		fprintf(file, " %.9g", at += part_median(series, leg[i]));
	putc('\n', file);
	return 0;
}

void plot_put_parts(const struct figure *figure, FILE *file, char *words, size_t size)
{
	enum leg leg[PLOT_PARTS];
	size_t count = plot_parts(figure, leg), used = 0;

	fprintf(file, "PARTS = %zu\narray PART[%zu]\n", count, count ? count : 1);
	for (size_t i = 0; i < count; i++) {
		fprintf(file, "PART[%zu] = '%s'\nset linetype %zu lc rgb '%s'\n", i + 1,
			leg_name[leg[i]], i + 1, part_colour(leg[i]));
		used += snprintf(words + used, size - used, "%s%s", i ? ", " : "",
				 leg_name[leg[i]]);
	}
}
