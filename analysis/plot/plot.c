// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes into a figure, and the way of it to the file. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../describe/describe.h"
#include "../describe/groups.h"
#include "private.h"

/* An axis whose ends are further apart than this is logarithmic. */
#define LOG_RANGE 8
/* A tail is long from so many times p75 on. */
#define LONG_TAIL 3
/* So many storms that were left out are named. */
#define NOTED 3

static const struct plot_format formats[] = {
	{"pdf", "pdfcairo", "cm", 1, 13.5, 1.6, 0.6, false},
	{"svg", "svg dynamic rounded", "", 37.8, 10.5, 1.2, 0.6, false},
	{"png", "pngcairo", "", 75, 18, 2.2, 1.3, false},
	{"tikz", "tikz", "cm", 1, 7, 1, 0.9, true},
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

bool plot_font_ok(const char *name)
{
	size_t length = strlen(name);

	return length && length < 64 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -") ==
		       length;
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
	figure->ns |= figure->plot->kind->time && describe_hz(first);
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

static bool has_leg(const struct figure *figure, const struct run_storm *storm)
{
	return figure->plot->kind->stacked ? plot_has_parts(storm)
					   : describe_has(storm, figure->leg);
}

static bool drawable(const struct figure *figure, const struct run_storm *storm)
{
	return strcmp(storm->kind, "none") && has_leg(figure, storm);
}

/* All, in the order of the table; where that is too many, one of each group in turn. */
static int choose_default(struct figure *figure, char *note, char *why)
{
	size_t count, total = 0, most = SIZE_MAX, turn = 0;
	struct group *groups = groups_new(figure->run[0], &count);

	if (!groups)
		return why_say(why, -ENOMEM, "no memory");
	if (figure->plot->kind->usual)
		most = figure->plot->kind->usual;
	if (figure->plot->kind->per == PER_SERIES)
		most = most > figure->runs ? most / figure->runs : 1;
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
		return LEG_HANDLER; /* that almost all of them have: plot_leg */
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
	size_t kept = 0, missing = 0, lines;

	figure->series = calloc(figure->storms * figure->runs + 1, sizeof(*figure->series));
	if (!figure->series)
		return why_say(why, -ENOMEM, "no memory");
	for (size_t i = 0; i < figure->storms; i++) {
		const char *name = figure->storm[i];
		bool any = false;

		for (size_t j = 0; j < figure->runs; j++) {
			const struct run *run = figure->run[j];
			const struct run_storm *storm = run_storm_find(run, name);

			if (!storm || !describe_measured(storm) || !has_leg(figure, storm))
				continue;
			if (figure->plot->kind->samples && !storm->samples)
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
	if (!figure->count && figure->plot->kind->samples)
		return why_say(why, -ENODATA,
			       "there is nothing to draw: no storm has samples with the leg %s "
			       "(run --samples keeps some)",
			       leg_name[figure->leg]);
	if (!figure->count)
		return why_say(why, -ENODATA, "there is nothing to draw: no storm %s leg %s",
			       figure->plot->storms ? "of those named has a" : "has a figure of",
			       leg_name[figure->leg]);
	lines = figure->plot->kind->per == PER_STORM ? figure->storms : figure->count;
	if (figure->plot->kind->most && lines > figure->plot->kind->most)
		return why_say(
			why, -EINVAL,
			"%zu lines in one figure cannot be told apart, %zu can: fewer storms or "
			"runs, or -k box",
			lines, figure->plot->kind->most);
	return 0;
}

/* The runs in the order of their places. */
static int put_in_places(struct figure *figure, char *why)
{
	int error;

	figure->place = calloc(figure->runs, sizeof(*figure->place));
	figure->sorted = calloc(figure->runs, sizeof(*figure->sorted));
	if (!figure->place || !figure->sorted)
		return why_say(why, -ENOMEM, "no memory");
	for (size_t i = 0; i < figure->runs; i++)
		figure->place[i].run = figure->run[i];
	error = figure->plot->kind->places(figure, why);
	for (size_t i = 0; !error && i < figure->runs; i++)
		figure->sorted[i] = (struct run *)figure->place[i].run;
	figure->run = figure->sorted;
	return error;
}

static int choose(struct figure *figure, char *note, char *why)
{
	size_t room = figure->plot->storms + figure->run[0]->storms + 1;
	int error;

	if (figure->runs > figure->plot->kind->runs)
		return why_say(why, -EINVAL, "at most %zu runs in one figure of this kind, not %zu",
			       figure->plot->kind->runs, figure->runs);
	error = check_clocks(figure, why);
	if (!error && figure->plot->kind->places)
		error = put_in_places(figure, why);
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

static void ends_of_intervals(struct figure *figure)
{
	figure->low = INFINITY;
	figure->high = 0;
	for (size_t i = 0; i < figure->count; i++) {
		const struct series *series = &figure->series[i];

		/* fmin and fmax leave out what is NAN. */
		figure->low = fmin(figure->low, fmin(series->p50, series->p50_low));
		figure->high = fmax(figure->high, fmax(series->p99, series->p99_high));
	}
	figure->end = NULL;
}

/* Bars begin at 0: what is twice as long takes twice as much. */
static void stack_axis(struct figure *figure)
{
	for (size_t i = 0; i < figure->count; i++)
		figure->high = fmax(figure->high, plot_parts_sum(&figure->series[i]));
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
	bool box = figure->plot->kind->per == PER_RUN;
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
	if (figure->plot->kind->intervals)
		ends_of_intervals(figure);
	/* A time line is looked at for what stands out. */
	if (figure->plot->kind->samples) {
		figure->high = greatest(figure, offsetof(struct series, max));
		figure->end = NULL;
	}
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
	static const char *const file_name[] = {"series", "run", "storm"};
	struct series *series = &figure->series[index];
	enum per per = figure->plot->kind->per;
	char name[32];
	FILE *file;
	int error;

	/* Loaded again, not kept: memory does not grow with the number of series. */
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
	int error = 0;

	if (figure->plot->kind->intervals)
		error = plot_intervals(figure, series, histogram, why);
	return error ? error : plot_load(figure, series, histogram, why);
}

static int draw(struct figure *figure, char *why)
{
	struct histogram *histogram = malloc(sizeof(*histogram));
	struct gnuplot gnuplot = {0};
	char path[PATH_MAX];
	int error;

	if (!histogram)
		return why_say(why, -ENOMEM, "no memory");
	error = gnuplot_begin(&gnuplot, why);
	for (size_t i = 0; !error && i < figure->count; i++)
		error = load(figure, &figure->series[i], histogram, why);
	/* Where the legend names the lines it has them in their order, left to right. */
	if (!error && figure->plot->kind->per == PER_SERIES)
		qsort(figure->series, figure->count, sizeof(*figure->series), by_median);
	if (!error)
		figure->plot->kind->stacked ? stack_axis(figure) : choose_axis(figure);
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
		error = gnuplot_deliver(&gnuplot, figure->plot->out, why);
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
	error = choose(&figure, note, why);
	if (!error)
		error = draw(&figure, why);
	free(figure.place);
	free(figure.sorted);
	free(figure.storm);
	free(figure.series);
	return error;
}
