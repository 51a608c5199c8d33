// SPDX-License-Identifier: GPL-2.0-or-later
#include "choose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/groups.h"
#include "parts.h"

/* Of the storms that are left out the note names so many at most, and fewer on a line of 80. */
#define NOTED	   3
#define NOTE_WIDTH (80 - sizeof("exitstorm plot: warning: ,  and 99 more"))

/* Runs with different clocks do not share a figure; TSCs of different rates are drawn in ns. */
static int check_clocks(struct figure *figure, char *why)
{
	const struct run *first = figure->run[0];

	for (size_t i = 1; i < figure->runs; i++) {
		const struct run *run = figure->run[i];
		const char *clock = run_string(run, "target.clock");

		if (strcmp(run_string(first, "target.clock"), clock) ||
		    describe_emulated(first) != describe_emulated(run))
			return why_say(why, -EDOM,
				       "%s has the clock '%s', %s '%s': they cannot share a figure",
				       why_path(first->path), run_string(first, "target.clock"),
				       why_path(run->path), clock);
		figure->ns |= describe_hz(first) != describe_hz(run);
	}
	figure->ns |= figure->plot->kind->time && describe_hz(first);
	for (size_t i = 0; figure->ns && i < figure->runs; i++)
		if (!describe_hz(figure->run[i]))
			return why_say(why, -EDOM,
				       "%s: the TSC's frequency is not known, so it cannot be "
				       "drawn with runs of another frequency",
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

/* The storms of -s. It is an error if one has a figure in no run. */
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

/* All storms in the order of show's table; if those are too many, some of each group in turn. */
static int choose_default(struct figure *figure, char *note, char *why)
{
	size_t count, total = 0, max_storms = SIZE_MAX, turn = 0;
	struct group *groups = groups_new(figure->run[0], &count);

	if (!groups)
		return why_say(why, -ENOMEM, "no memory");
	if (figure->plot->kind->default_lines)
		max_storms = figure->plot->kind->default_lines;
	if (figure->plot->kind->per == PER_SERIES)
		max_storms = max_storms > figure->runs ? max_storms / figure->runs : 1;
	/* Baselines make no exit and are drawn only if -s names them. */
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < groups[i].storms; j++)
			total += drawable(figure, groups[i].storm[j]);
	for (size_t i = 0; total <= max_storms && i < count; i++)
		for (size_t j = 0; j < groups[i].storms; j++)
			if (strcmp(groups[i].storm[j]->kind, "none"))
				add_name(figure, groups[i].storm[j]->name);
	for (; total > max_storms && figure->storms < max_storms; turn++)
		for (size_t i = 0; i < count && figure->storms < max_storms; i++)
			if (turn < groups[i].storms && drawable(figure, groups[i].storm[turn]))
				add_name(figure, groups[i].storm[turn]->name);
	if (figure->storms && figure->storms < total)
		snprintf(note, RUN_WHY, "%zu of %zu storms drawn, some of each group; -s chooses",
			 figure->storms, total);
	groups_free(groups, count);
	return 0;
}

/* The leg of --leg; else the round trip, or the leg that most storms have in its place. */
static enum leg choose_leg(const struct figure *figure)
{
	size_t have[LEGS + 1] = {0};
	enum leg best = LEG_ROUND_TRIP;

	if (figure->plot->kind->stacked)
		return LEG_HANDLER; /* plot_leg() gives storms without it another */
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

/* Names the first storms. Returns how many are named; add_series() counts the others. */
static size_t note_missing(char *note, const char *storm, enum leg leg, size_t named)
{
	size_t used = strlen(note);

	if (!named)
		snprintf(note + used, RUN_WHY - used, "%sleft out, no leg %s: %s", used ? "; " : "",
			 leg_name[leg], storm);
	else if (named < NOTED && used + strlen(storm) <= NOTE_WIDTH)
		snprintf(note + used, RUN_WHY - used, ", %s", storm);
	else
		return named;
	return named + 1;
}

/* Is there a figure of the storm in the first run, and is this another one? */
static bool has_base(const struct figure *figure, size_t run, const char *name)
{
	const struct run_storm *base = run_storm_find(figure->run[0], name);

	return run && base && describe_measured(base) && has_leg(figure, base);
}

static int add_series(struct figure *figure, char *note, char *why)
{
	size_t kept = 0, missing = 0, named = 0, lines;

	figure->series = memory_new(figure->storms * figure->runs + 1, sizeof(*figure->series));
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
			if (figure->plot->kind->against_first && !has_base(figure, j, name))
				continue;
			figure->series[figure->count++] = (struct series){
				.run = run,
				.storm = storm,
				.run_index = j,
				.storm_index = kept,
				.scale = figure->ns ? 1e9 / describe_hz(run) : 1,
				.base_scale = figure->ns ? 1e9 / describe_hz(figure->run[0]) : 1,
			};
			any = true;
		}
		if (any) {
			figure->storm[kept++] = name;
			continue;
		}
		/* Names after one that did not fit are counted, too. */
		if (missing++ == named)
			named = note_missing(note, name, figure->leg, named);
	}
	if (missing > named)
		snprintf(note + strlen(note), RUN_WHY - strlen(note), " and %zu more",
			 missing - named);
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
	if (figure->plot->kind->max_lines && lines > figure->plot->kind->max_lines)
		return why_say(
			why, -EDOM,
			"%zu lines in one figure cannot be told apart, %zu can: fewer storms or "
			"runs, or -k box",
			lines, figure->plot->kind->max_lines);
	return 0;
}

/* Sorts the runs by their places on the horizontal axis. */
static int put_in_places(struct figure *figure, char *why)
{
	int error;

	figure->place = memory_new(figure->runs, sizeof(*figure->place));
	figure->sorted = memory_new(figure->runs, sizeof(*figure->sorted));
	for (size_t i = 0; i < figure->runs; i++)
		figure->place[i].run = figure->run[i];
	error = figure->plot->kind->places(figure, why);
	for (size_t i = 0; !error && i < figure->runs; i++)
		figure->sorted[i] = (struct run *)figure->place[i].run;
	figure->run = figure->sorted;
	return error;
}

int plot_choose(struct figure *figure, char *note, char *why)
{
	size_t room = figure->plot->storms + figure->run[0]->storms + 1;
	int error;

	if (figure->plot->kind->against_first && figure->runs < 2)
		return why_say(why, -EDOM, "this kind draws runs against the first one: name two");
	if (figure->runs > figure->plot->kind->max_runs)
		return why_say(why, -EDOM, "at most %zu runs in one figure of this kind, not %zu",
			       figure->plot->kind->max_runs, figure->runs);
	error = check_clocks(figure, why);
	if (!error && figure->plot->kind->places)
		error = put_in_places(figure, why);
	if (error)
		return error;
	figure->storm = memory_new(room, sizeof(*figure->storm));
	figure->leg = choose_leg(figure);
	error = figure->plot->storms ? choose_named(figure, why)
				     : choose_default(figure, note, why);
	return error ? error : add_series(figure, note, why);
}
