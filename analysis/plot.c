// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes into a figure, and the way of it to the file. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "groups.h"
#include "plot_private.h"

/* Of all storms of a run as many as a legend of one glance has, where the user names none. */
#define DEFAULT_SERIES 8
/* An axis whose ends are further apart than this is logarithmic. */
#define LOG_RANGE 8
/* A tail is long from so many times p75 on. */
#define LONG_TAIL 3
/* So many storms that were left out are named. */
#define NOTED 3

static const struct plot_format formats[] = {
	{"pdf", "pdfcairo", "cm", 1, 13.5, 1.6, 0.6},
	{"svg", "svg dynamic rounded", "", 37.8, 10.5, 1.2, 0.6},
	{"png", "pngcairo", "", 75, 18, 2.2, 1.3},
};

const char *plot_format_name(size_t index)
{
	return index < sizeof(formats) / sizeof(*formats) ? formats[index].name : NULL;
}

const struct plot_format *plot_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(name, formats[i].name))
			return &formats[i];
	return NULL;
}

const char *plot_kind_name(size_t index)
{
	return plot_kinds[index].name;
}

const struct plot_kind *plot_kind_find(const char *name)
{
	for (const struct plot_kind *kind = plot_kinds; kind->name; kind++)
		if (!strcmp(name, kind->name))
			return kind;
	return NULL;
}

/* Ticks of different clocks are not set beside each other. */
static int check_clocks(struct figure *figure, char *why)
{
	const struct run *first = figure->run[0];

	for (size_t i = 1; i < figure->runs; i++) {
		const struct run *run = figure->run[i];
		const char *clock = run_string(run, "target.clock");

		if (strcmp(run_string(first, "target.clock"), clock) ||
		    describe_emulated(first) != describe_emulated(run))
			return why_say(why, -EINVAL,
				       "%s has the clock '%s', %s '%s': not for one figure",
				       why_path(first->path), run_string(first, "target.clock"),
				       why_path(run->path), clock);
		figure->ns |= describe_hz(first) != describe_hz(run);
	}
	for (size_t i = 0; figure->ns && i < figure->runs; i++)
		if (!describe_hz(figure->run[i]))
			return why_say(
				why, -EINVAL,
				"%s: the TSC's frequency is not known, so it cannot be drawn "
				"beside runs of another one",
				why_path(figure->run[i]->path));
	return 0;
}

static void add_name(struct figure *figure, const char *name)
{
	for (size_t i = 0; i < figure->storms; i++)
		if (!strcmp(figure->storm[i], name))
			return;
	figure->storm[figure->storms++] = name;
}

/* The storms that the user named. One without a figure in any of the runs is an error. */
static int choose_named(struct figure *figure, char *why)
{
	const struct plot *plot = figure->plot;

	for (size_t i = 0; i < plot->storms; i++) {
		const struct run_storm *found = NULL;
		bool measured = false;

		for (size_t j = 0; j < figure->runs; j++) {
			const struct run_storm *storm =
				run_storm_find(figure->run[j], plot->storm[i]);

			if (storm)
				found = storm;
			measured |= storm && describe_measured(storm);
		}
		if (!found)
			return why_say(why, -ENOENT, "no storm %s in %s", plot->storm[i],
				       figure->runs == 1 ? why_path(figure->run[0]->path)
							 : "any of the runs");
		if (!measured)
			return why_say(why, -ENODATA, "%s has no figure (%s: %s)", found->name,
				       found->status, found->why ? found->why : "no reason given");
		add_name(figure, found->name);
	}
	return 0;
}

static bool drawable(const struct figure *figure, const struct run_storm *storm)
{
	return strcmp(storm->kind, "none") && describe_has(storm, figure->leg);
}

/* All, in the order of the table; where that is too many, one of each group in turn. */
static int choose_default(struct figure *figure, char *note, char *why)
{
	size_t count, total = 0, most = SIZE_MAX, turn = 0;
	struct group *groups = groups_new(figure->run[0], &count);

	if (!groups)
		return why_say(why, -ENOMEM, "no memory");
	if (figure->plot->kind->most)
		most = DEFAULT_SERIES > figure->runs ? DEFAULT_SERIES / figure->runs : 1;
	/* Baselines make no exit: they are drawn when they are asked for. */
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < groups[i].storms; j++)
			total += drawable(figure, groups[i].storm[j]);
	for (size_t i = 0; total <= most && i < count; i++)
		for (size_t j = 0; j < groups[i].storms; j++)
			if (strcmp(groups[i].storm[j]->kind, "none"))
				add_name(figure, groups[i].storm[j]->name);
	for (; total > most && figure->storms < most; turn++)
		for (size_t i = 0; i < count && figure->storms < most; i++)
			if (turn < groups[i].storms && drawable(figure, groups[i].storm[turn]))
				add_name(figure, groups[i].storm[turn]->name);
	if (figure->storms && figure->storms < total)
		snprintf(note, RUN_WHY, "%zu of %zu storms drawn, some of each group; -s chooses",
			 figure->storms, total);
	groups_free(groups, count);
	return 0;
}

/* The leg that the user wants; else the round trip, or what most storms have in its place. */
static enum leg choose_leg(const struct figure *figure)
{
	size_t have[LEGS + 1] = {0};
	enum leg best = LEG_ROUND_TRIP;

	if (figure->plot->kind->stacked)
		return LEG_HANDLER; /* that all of them have */
	if (figure->plot->leg != LEGS)
		return figure->plot->leg;
	for (size_t i = 0; i < figure->runs; i++) {
		for (size_t j = 0; j < figure->run[i]->storms; j++) {
			const struct run_storm *storm = &figure->run[i]->storm[j];
			bool asked = !figure->plot->storms && strcmp(storm->kind, "none");

			for (size_t k = 0; k < figure->plot->storms; k++)
				asked |= !strcmp(figure->plot->storm[k], storm->name);
			if (asked && describe_measured(storm))
				have[describe_main_leg(storm)]++;
		}
	}
	for (int leg = 0; leg < LEGS; leg++)
		if (have[leg] > have[best])
			best = leg;
	return best;
}

/* Some by name, the others by number: a note is one line. */
static void note_missing(char *note, const char *storm, enum leg leg, size_t before)
{
	size_t used = strlen(note);

	if (!before)
		snprintf(note + used, RUN_WHY - used, "%swithout the leg %s and left out: %s",
			 used ? "; " : "", leg_name[leg], storm);
	else if (before < NOTED)
		snprintf(note + used, RUN_WHY - used, ", %s", storm);
}

static int add_series(struct figure *figure, char *note, char *why)
{
	size_t kept = 0, missing = 0;

	figure->series = calloc(figure->storms * figure->runs + 1, sizeof(*figure->series));
	if (!figure->series)
		return why_say(why, -ENOMEM, "no memory");
	for (size_t i = 0; i < figure->storms; i++) {
		const char *name = figure->storm[i];
		bool any = false;

		for (size_t j = 0; j < figure->runs; j++) {
			const struct run *run = figure->run[j];
			const struct run_storm *storm = run_storm_find(run, name);

			if (!storm || !describe_measured(storm) ||
			    !describe_has(storm, figure->leg))
				continue;
			figure->series[figure->count++] = (struct series){
				.run = run,
				.storm = storm,
				.run_index = j,
				.storm_index = kept,
				.scale = figure->ns ? 1e9 / describe_hz(run) : 1,
			};
			any = true;
		}
		if (any)
			figure->storm[kept++] = name;
		else
			note_missing(note, name, figure->leg, missing++);
	}
	if (missing > NOTED)
		snprintf(note + strlen(note), RUN_WHY - strlen(note), " and %zu more",
			 missing - NOTED);
	figure->storms = kept;
	if (!figure->count)
		return why_say(why, -ENODATA, "there is nothing to draw: no storm %s leg %s",
			       figure->plot->storms ? "of those named has a" : "has a figure of",
			       leg_name[figure->leg]);
	if (figure->plot->kind->most && figure->count > figure->plot->kind->most)
		return why_say(
			why, -EINVAL,
			"%zu lines in one figure cannot be told apart, %zu can: fewer storms or "
			"runs, or -k box",
			figure->count, figure->plot->kind->most);
	return 0;
}

static int choose(struct figure *figure, char *note, char *why)
{
	size_t room = figure->plot->storms + figure->run[0]->storms + 1;
	int error = check_clocks(figure, why);

	if (error)
		return error;
	figure->storm = calloc(room, sizeof(*figure->storm));
	if (!figure->storm)
		return why_say(why, -ENOMEM, "no memory");
	figure->leg = choose_leg(figure);
	error = figure->plot->storms ? choose_named(figure, why)
				     : choose_default(figure, note, why);
	return error ? error : add_series(figure, note, why);
}

/* The greatest of a quantile that all series have. */
static double greatest(const struct figure *figure, size_t offset)
{
	double value = 0;

	for (size_t i = 0; i < figure->count; i++)
		value = fmax(value, *(const double *)((const char *)&figure->series[i] + offset));
	return value;
}

/* Bars begin at 0: what is twice as long takes twice as much. */
static void stack_axis(struct figure *figure)
{
	for (size_t i = 0; i < figure->count; i++)
		figure->high =
			fmax(figure->high, plot_median(&figure->series[i], LEG_EXIT) +
						   plot_median(&figure->series[i], LEG_HANDLER) +
						   plot_median(&figure->series[i], LEG_RESUME));
	figure->high = fmax(figure->high * 1.02, 1);
	figure->end = "the medians";
}

/* Not to the maximum: a tail of disturbed records would press all the rest together. */
static void choose_axis(struct figure *figure)
{
	static const struct {
		const char *name;
		size_t offset;
	} ends[] = {
		{"p99.9", offsetof(struct series, p999)},
		{"p99", offsetof(struct series, p99)},
		{"p95", offsetof(struct series, p95)},
		{"p90", offsetof(struct series, p90)},
	};
	bool box = figure->plot->kind->most == 0;
	size_t end = box ? 0 : 1;

	figure->low = INFINITY;
	for (size_t i = 0; i < figure->count; i++)
		figure->low =
			fmin(figure->low, box ? figure->series[i].p01 : figure->series[i].min);
	/* Boxes draw p99.9; a distribution is looked at where most of it is. */
	while (!box && end + 1 < sizeof(ends) / sizeof(*ends) &&
	       greatest(figure, ends[end].offset) >
		       LONG_TAIL * greatest(figure, offsetof(struct series, p75)))
		end++;
	figure->high = greatest(figure, ends[end].offset);
	figure->end = ends[end].name;
	figure->log = figure->low > 0 && figure->high / figure->low > LOG_RANGE;
	if (figure->log) {
		double margin = pow(figure->high / figure->low, 0.03);

		figure->low /= margin;
		figure->high *= margin;
	} else {
		double margin = fmax((figure->high - figure->low) * 0.05, figure->high * 1e-3);

		figure->low = fmax(figure->low - margin, 0);
		figure->high = fmax(figure->high + margin, figure->low + 1);
	}
}

static int by_median(const void *one, const void *other)
{
	const struct series *a = one, *b = other;

	return (a->p50 > b->p50) - (a->p50 < b->p50);
}

static int write_series(const struct figure *figure, const struct gnuplot *gnuplot, size_t index,
			struct histogram *histogram, char *why)
{
	struct series *series = &figure->series[index];
	char name[32];
	FILE *file;
	int error;

	/* Loaded again, not kept: memory does not grow with the number of series. */
	error = plot_load(figure, series, histogram, why);
	if (error)
		return error;
	snprintf(name, sizeof(name), "%s%zu", figure->plot->kind->most ? "series" : "run",
		 figure->plot->kind->most ? index + 1 : series->run_index + 1);
	file = gnuplot_file(gnuplot, name, why);
	if (!file)
		return -EIO;
	figure->plot->kind->data(figure, series, histogram, file);
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
	file = gnuplot_file(gnuplot, kind->script_name, why);
	if (!file)
		return -EIO;
	fputs(kind->script, file);
	return gnuplot_close(file, kind->script_name, why);
}

static int draw(struct figure *figure, char *why)
{
	struct histogram *histogram = malloc(sizeof(*histogram));
	struct gnuplot gnuplot = {0};
	int error;

	if (!histogram)
		return why_say(why, -ENOMEM, "no memory");
	error = gnuplot_begin(&gnuplot, why);
	for (size_t i = 0; !error && i < figure->count; i++)
		error = plot_load(figure, &figure->series[i], histogram, why);
	/* Where the legend names the lines it has them in their order, left to right. */
	if (!error && figure->plot->kind->most)
		qsort(figure->series, figure->count, sizeof(*figure->series), by_median);
	if (!error)
		figure->plot->kind->stacked ? stack_axis(figure) : choose_axis(figure);
	for (size_t i = 0; !error && i < figure->count; i++)
		error = write_series(figure, &gnuplot, i, histogram, why);
	if (!error)
		error = write_script(figure, &gnuplot, why);
	if (!error)
		error = gnuplot_run(&gnuplot, figure->plot->kind->script_name, why);
	if (!error)
		error = gnuplot_deliver(&gnuplot, figure->plot->out, why);
	gnuplot_end(&gnuplot);
	free(histogram);
	return error;
}

int plot_draw(const struct plot *plot, struct run *const *run, size_t runs, char *note, char *why)
{
	struct figure figure = {.plot = plot, .run = run, .runs = runs};
	int error;

	note[0] = '\0';
	error = choose(&figure, note, why);
	if (!error)
		error = draw(&figure, why);
	free(figure.storm);
	free(figure.series);
	return error;
}
