// SPDX-License-Identifier: GPL-2.0-or-later
#include "plot.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "choose.h"
#include "figure.h"
#include "gnuplot.h"
#include "label.h"
#include "quantiles.h"
#include "range.h"
#include "values.h"

static int by_median(const void *one, const void *other)
{
	const struct series *a = one, *b = other;

	return (a->centre > b->centre) - (a->centre < b->centre);
}

static int write_series(const struct figure *figure, const struct gnuplot *gnuplot, size_t index,
			struct histogram *histogram, char *why)
{
	static const char *const file_name[] = {"series", "run", "storm"};
	struct series *series = &figure->series[index];
	enum per per = figure->plot->kind->per;
	char name[32];
	FILE *file;
	int error;

	/* Read again, so that memory does not grow with the number of series. */
	error = plot_load(figure, series, histogram, why);
	if (error)
		return error;
	snprintf(name, sizeof(name), "%s%zu", file_name[per],
		 1 + (per == PER_SERIES	 ? index
		      : per == PER_STORM ? series->storm_index
					 : series->run_index));
	file = gnuplot_file(gnuplot, name, why);
	if (!file)
		return -EIO;
	error = figure->plot->kind->data(figure, series, histogram, file, why);
	if (error) {
		fclose(file);
		return error;
	}
	return gnuplot_close(file, name, why);
}

static int write_script(const struct figure *figure, const struct gnuplot *gnuplot, char *why)
{
	const struct plot_kind *kind = figure->plot->kind;
	FILE *file = gnuplot_file(gnuplot, "values", why);
	int error;

	if (!file)
		return -EIO;
	error = plot_values(figure, file);
	if (gnuplot_close(file, "values", why))
		return -EIO;
	if (error)
		return why_say(why, error, "no memory");
	file = gnuplot_file(gnuplot, "output", why);
	if (!file)
		return -EIO;
	fputs("set output 'figure'\n", file);
	if (gnuplot_close(file, "output", why))
		return -EIO;
	file = gnuplot_file(gnuplot, kind->script_name, why);
	if (!file)
		return -EIO;
	fputs(kind->script, file);
	return gnuplot_close(file, kind->script_name, why);
}

static int load(const struct figure *figure, struct series *series, struct histogram *histogram,
		char *why)
{
	plot_centres(figure, series);
	return plot_load(figure, series, histogram, why);
}

static int draw(struct figure *figure, char *why)
{
	struct histogram *histogram = memory_get(sizeof(*histogram));
	struct gnuplot gnuplot = {0};
	char path[PATH_MAX];
	int error;

	error = gnuplot_begin(&gnuplot, why);
	for (size_t i = 0; !error && i < figure->count; i++)
		error = load(figure, &figure->series[i], histogram, why);
	/* The legend lists lines in the order in which they lie, left to right. */
	if (!error && figure->plot->kind->per == PER_SERIES)
		qsort(figure->series, figure->count, sizeof(*figure->series), by_median);
	if (!error)
		plot_range(figure);
	for (size_t i = 0; !error && i < figure->count; i++)
		error = write_series(figure, &gnuplot, i, histogram, why);
	if (!error)
		error = write_script(figure, &gnuplot, why);
	if (!error)
		error = gnuplot_run(&gnuplot, figure->plot->kind->script_name, why);
	if (error && strstr(why, "terminal type"))
		why_say(why, error,
			"this gnuplot cannot draw %s: it lacks the terminal %.*s (-f "
			"chooses another format)",
			figure->plot->format->name,
			(int)strcspn(figure->plot->format->terminal, " "),
			figure->plot->format->terminal);
	if (!error)
		error = plot_label(figure, gnuplot_figure(&gnuplot, path, sizeof(path)), why);
	if (!error)
		error = gnuplot_replace_file(&gnuplot, figure->plot->out, why);
	if (!error && figure->plot->data)
		error = gnuplot_keep(&gnuplot, figure->plot->out, why);
	gnuplot_end(&gnuplot);
	free(histogram);
	return error;
}

int plot_draw(const struct plot *plot, struct run *const *run, size_t runs, char *note, char *why)
{
	struct figure figure = {.plot = plot, .run = run, .runs = runs};
	int error;

	note[0] = '\0';
	error = plot_choose(&figure, note, why);
	if (!error)
		error = draw(&figure, why);
	free(figure.place);
	free(figure.sorted);
	free(figure.storm);
	free(figure.series);
	return error;
}
