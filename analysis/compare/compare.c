// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "../describe/describe.h"
#include "../stats/medians.h"

/* A clock's step counts from this part of the margin on. */
#define FINE 0.1

const char *const compare_unit_name[] = {
	[COMPARE_TICKS] = "ticks",
	[COMPARE_NS] = "ns",
	[COMPARE_CYCLES] = "core cycles",
	[COMPARE_AUTO] = "auto",
};

struct work {
	struct compare *compare;
	const struct compare_options *options;
	struct sample *sample; /* of the row at hand, by side */
	char *why;
};

static int omit(struct work *work, const char *storm, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int omit(struct work *work, const char *storm, const char *format, ...)
{
	struct compare *compare = work->compare;
	struct compare_omitted *grown;
	va_list args;

	grown = realloc(compare->omitted, (compare->omissions + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	compare->omitted = grown;
	grown += compare->omissions++;
	snprintf(grown->storm, sizeof(grown->storm), "%s", storm);
	va_start(args, format);
	vsnprintf(grown->why, sizeof(grown->why), format, args);
	va_end(args);
	return 0;
}

/* What one tick of this storm is in the unit; NAN: not known. */
static double factor(const struct compare *compare, const struct run *run,
		     const struct run_storm *storm)
{
	const json_t *cycles = json_object_get(storm->json, "core_cycles_per_tick");
	double hz = describe_hz(run);

	if (compare->unit == COMPARE_TICKS)
		return 1;
	if (compare->unit == COMPARE_NS)
		return hz > 0 ? 1e9 / hz : NAN;
	return json_is_number(cycles) && json_number_value(cycles) > 0 ? json_number_value(cycles)
								       : NAN;
}

/* Why a side's storm cannot stand beside the base's, or NULL. */
static const char *unlike(struct work *work, const struct compare_side *side,
			  const struct run_storm *base)
{
	for (size_t i = 0; i < side->runs; i++) {
		const struct run_storm *storm = run_storm_find(side->run[i], base->name);

		if (!storm)
			return "not there";
		if (strcmp(storm->status, "measured"))
			return !strcmp(storm->status, "no_exit") ? "no exit" : storm->status;
		if (!describe_measured(storm))
			return "without records";
		if (strcmp(storm->kind, base->kind))
			return "another kind of exit";
		if (isnan(factor(work->compare, side->run[i], storm)))
			return work->compare->unit == COMPARE_NS ? "without a known clock rate"
								 : "without core cycles";
	}
	return NULL;
}

static bool side_has(const struct compare_side *side, const char *storm, enum leg leg)
{
	for (size_t i = 0; i < side->runs; i++)
		if (!describe_has(run_storm_find(side->run[i], storm), leg))
			return false;
	return true;
}

/* VMX and SVM stamp beside the instruction both: what is compared is the hardware. */
static bool same_site(const char *one, const char *other)
{
	bool bare = !strcmp(one, "vmx-asm") || !strcmp(one, "svm-asm");

	return !strcmp(one, other) ||
	       (bare && (!strcmp(other, "vmx-asm") || !strcmp(other, "svm-asm")));
}

static const char *other_site(const struct compare_side *side, const struct compare_row *row)
{
	const char *site = row->storm->leg[row->leg].site;

	for (size_t i = 0; i < side->runs; i++) {
		const struct run_storm *storm = run_storm_find(side->run[i], row->storm->name);

		if (!same_site(site, storm->leg[row->leg].site))
			return storm->leg[row->leg].site;
	}
	return NULL;
}

static bool all_clean(const struct compare *compare, const struct compare_row *row)
{
	for (size_t i = 0; i < compare->sides; i++)
		for (size_t j = 0; row->cell[i].there && j < compare->side[i].runs; j++)
			if (!medians_have_clean(
				    run_storm_find(compare->side[i].run[j], row->storm->name),
				    row->leg))
				return false;
	return true;
}

/* One run's values, or its mean as one more value of a group's. */
static int add_run(struct work *work, const struct compare_row *row,
		   const struct compare_side *side, size_t index, struct sample *sample)
{
	const struct run *run = side->run[index];
	const struct run_storm *storm = run_storm_find(run, row->storm->name);
	double add = log(factor(work->compare, run, storm));
	struct sample one;
	int error;

	error = medians_sample(run, storm, row->leg, row->clean, FINE * work->compare->margin, &one,
			       work->why);
	if (error)
		return error;
	for (size_t i = 0; i < one.n; i++)
		one.log[i] += add;
	sample->blur += one.blur / side->runs;
	if (side->runs == 1) {
		sample->log = one.log;
		sample->n = one.n;
		return 0;
	}
	sample->log[sample->n++] = sample_mean(&one);
	free(one.log);
	return 0;
}

static int fill_cell(struct work *work, const struct compare_row *row, size_t index)
{
	const struct compare_side *side = &work->compare->side[index];
	struct compare_cell *cell = &row->cell[index];
	struct sample *sample = &work->sample[index];
	double tail = 0;
	int error = 0;

	if (side->runs > 1) {
		sample->log = calloc(side->runs, sizeof(*sample->log));
		if (!sample->log)
			return -ENOMEM;
	}
	for (size_t i = 0; !error && i < side->runs; i++) {
		const struct run_storm *storm = run_storm_find(side->run[i], row->storm->name);
		const struct run_leg *leg = &storm->leg[row->leg];

		tail += log((row->clean ? leg->clean : leg->all).p99 *
			    factor(work->compare, side->run[i], storm));
		error = add_run(work, row, side, i, sample);
	}
	cell->p50 = exp(sample_mean(sample));
	cell->p99 = exp(tail / side->runs);
	cell->n = sample->n;
	return error;
}

static void drop_samples(struct work *work)
{
	for (size_t i = 0; i < work->compare->sides; i++) {
		free(work->sample[i].log);
		work->sample[i] = (struct sample){0};
	}
}

/* Fills the cells; the storm's sides that give no values are omitted. */
static int fill_row(struct work *work, struct compare_row *row)
{
	struct compare *compare = work->compare;
	int error = 0;

	row->clean = all_clean(compare, row);
	for (size_t i = 0; !error && i < compare->sides; i++) {
		if (!row->cell[i].there)
			continue;
		error = fill_cell(work, row, i);
		if (error == -ENODATA) {
			row->cell[i].there = false;
			error = omit(work, row->storm->name, "%s: %s", compare->side[i].label,
				     work->why);
		}
	}
	for (size_t i = 0; !error && i < compare->sides; i++) {
		struct compare_cell *cell = &row->cell[i];
		const struct sample *base = &work->sample[compare->base];

		if (i == compare->base || !cell->there || !row->cell[compare->base].there)
			continue;
		shift_welch(base, &work->sample[i], &cell->shift);
		shift_bootstrap(base, &work->sample[i], &cell->boot_low, &cell->boot_high);
	}
	drop_samples(work);
	return error;
}

static bool row_compares(const struct compare *compare, const struct compare_row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->sides; i++)
		n += row->cell[i].there;
	return row->cell[compare->base].there && n > 1;
}

static int add_row(struct work *work, const struct run_storm *storm, enum leg leg,
		   const bool *there)
{
	struct compare *compare = work->compare;
	struct compare_row *grown, *row;
	int error = 0;

	if (!side_has(&compare->side[compare->base], storm->name, leg))
		return 0;
	grown = realloc(compare->row, (compare->rows + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	compare->row = grown;
	row = &grown[compare->rows];
	*row = (struct compare_row){.storm = storm, .leg = leg};
	row->cell = calloc(compare->sides, sizeof(*row->cell));
	if (!row->cell)
		return -ENOMEM;
	for (size_t i = 0; !error && i < compare->sides; i++) {
		const char *site;

		row->cell[i].there = there[i] && side_has(&compare->side[i], storm->name, leg);
		site = row->cell[i].there ? other_site(&compare->side[i], row) : NULL;
		if (!site)
			continue;
		if (work->options->force) {
			snprintf(row->note, sizeof(row->note), "sites differ: %.32s, %.32s",
				 storm->leg[leg].site, site);
			continue;
		}
		row->cell[i].there = false;
		error = omit(work, storm->name, "%s stamped at %.32s, in %s at %.32s",
			     leg_name[leg], storm->leg[leg].site, compare->side[i].label, site);
	}
	if (!error && row_compares(compare, row))
		error = fill_row(work, row);
	if (!error && row_compares(compare, row))
		compare->rows++;
	else
		free(row->cell);
	return error;
}

/* The first of the legs that stand for a storm which all sides have; LEGS: none. */
static enum leg shared_leg(const struct compare *compare, const struct run_storm *base,
			   const bool *there)
{
	const enum leg order[] = {describe_main_leg(base), LEG_ROUND_TRIP, LEG_GUEST_VISIT,
				  LEG_ENTRY_FAIL, LEG_PERIOD};
	const char *storm = base->name;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		bool all = order[i] != LEGS;

		for (size_t side = 0; side < compare->sides; side++)
			all = all && (!there[side] || side_has(&compare->side[side], storm, order[i]));
		if (all)
			return order[i];
	}
	return LEGS;
}

static int add_storm(struct work *work, const struct run_storm *storm, bool *there)
{
	struct compare *compare = work->compare;
	enum leg leg = work->options->leg;
	const char *why;
	size_t sides = 0, rows = compare->rows, omissions;
	int error = 0;

	why = unlike(work, &compare->side[compare->base], storm);
	if (why)
		return omit(work, storm->name, "%s in %s", why, compare->side[compare->base].label);
	for (size_t i = 0; !error && i < compare->sides; i++) {
		why = unlike(work, &compare->side[i], storm);
		there[i] = !why;
		sides += there[i];
		if (why)
			error = omit(work, storm->name, "%s in %s", why, compare->side[i].label);
	}
	if (error || sides < 2)
		return error;
	omissions = compare->omissions;
	for (int i = 0; !error && work->options->all_legs && i < LEGS; i++)
		error = add_row(work, storm, i, there);
	if (error || work->options->all_legs)
		return error;
	/* Who asks for one leg asks for the storms that have it. */
	if (leg != LEGS && !side_has(&compare->side[compare->base], storm->name, leg))
		return 0;
	if (leg == LEGS)
		leg = shared_leg(compare, storm, there);
	if (leg != LEGS)
		error = add_row(work, storm, leg, there);
	if (!error && compare->rows == rows && compare->omissions == omissions)
		error = omit(work, storm->name, "no leg in common");
	return error;
}

static int add_storms(struct work *work)
{
	struct compare *compare = work->compare;
	const struct run *base = compare->side[compare->base].run[0];
	const struct compare_options *options = work->options;
	bool *there = calloc(compare->sides, sizeof(*there));
	int error = there ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < base->storms; i++)
		if (!options->wanted || options->wanted(options->arg, base->storm[i].name))
			error = add_storm(work, &base->storm[i], there);
	free(there);
	/* What only others have. */
	for (size_t i = 0; !error && i < compare->sides; i++) {
		const struct run *run = compare->side[i].run[0];

		for (size_t j = 0; !error && i != compare->base && j < run->storms; j++)
			if (!run_storm_find(base, run->storm[j].name) &&
			    (!options->wanted || options->wanted(options->arg, run->storm[j].name)))
				error = omit(work, run->storm[j].name, "not there in %s",
					     compare->side[compare->base].label);
	}
	return error;
}

int compare_new(const struct compare_side *sides, size_t count,
		const struct compare_options *options, struct compare **result, char *why)
{
	struct compare *compare = calloc(1, sizeof(*compare));
	struct work work = {.compare = compare, .options = options, .why = why};
	int error = -ENOMEM;

	*result = NULL;
	snprintf(why, RUN_WHY, "no memory");
	work.sample = calloc(count, sizeof(*work.sample));
	if (!compare || !work.sample)
		goto out;
	compare->side = sides;
	compare->sides = count;
	compare->base = options->base;
	compare->margin = options->margin;
	error = compare_check(compare, options, why);
	if (!error)
		error = add_storms(&work);
	if (!error && !compare->rows) {
		error = -ENODATA;
		if (compare->omissions)
			snprintf(why, RUN_WHY, "no storm can be compared; %s: %s",
				 compare->omitted[0].storm, compare->omitted[0].why);
		else
			snprintf(why, RUN_WHY, "no storm can be compared: none is there");
	}
	if (!error)
		error = compare_judge(compare, options->force);
out:
	free(work.sample);
	if (error)
		compare_free(compare);
	else
		*result = compare;
	return error;
}

void compare_free(struct compare *compare)
{
	if (!compare)
		return;
	for (size_t i = 0; i < compare->rows; i++)
		free(compare->row[i].cell);
	free(compare->row);
	free(compare->omitted);
	free(compare);
}
