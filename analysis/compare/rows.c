// SPDX-License-Identifier: GPL-2.0-or-later
#include "rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "cells.h"

struct work {
	struct compare *compare;
	const struct compare_options *options;
	char *why;
};

/* Why a storm of this input cannot be compared with the base's, or NULL. */
static const char *unlike(struct work *work, const struct compare_input *input,
			  const struct run_storm *base)
{
	for (size_t i = 0; i < input->runs; i++) {
		const struct run_storm *storm = run_storm_find(input->run[i], base->name);

		if (!storm)
			return "missing";
		if (strcmp(storm->status, "measured"))
			return !strcmp(storm->status, "no_exit") ? "no exit" : storm->status;
		if (!describe_measured(storm))
			return "without records";
		if (strcmp(storm->kind, base->kind))
			return "another exit kind";
		if (isnan(compare_factor(work->compare, input->run[i], storm)))
			return work->compare->unit == COMPARE_NS ? "without a known clock rate"
								 : "without core cycles";
	}
	return NULL;
}

static bool input_has(const struct compare_input *input, const char *storm, enum leg leg)
{
	for (size_t i = 0; i < input->runs; i++)
		if (!describe_has(run_storm_find(input->run[i], storm), leg))
			return false;
	return true;
}

/* Both vmx-asm and svm-asm stamp next to the instruction, so the comparison is of hardware. */
static bool same_site(const char *one, const char *other)
{
	bool bare = !strcmp(one, "vmx-asm") || !strcmp(one, "svm-asm");

	return !strcmp(one, other) ||
	       (bare && (!strcmp(other, "vmx-asm") || !strcmp(other, "svm-asm")));
}

static const char *other_site(const struct compare_input *input, const struct compare_row *row)
{
	const char *site = row->storm->leg[row->leg].site;

	for (size_t i = 0; i < input->runs; i++) {
		const struct run_storm *storm = run_storm_find(input->run[i], row->storm->name);

		if (!same_site(site, storm->leg[row->leg].site))
			return storm->leg[row->leg].site;
	}
	return NULL;
}

/*
 * Notes a storm whose guests differ in level or mode: the costs are then of two different things.
 */
static void note_guests(const struct compare *compare, struct compare_row *row)
{
	char base[40], other[40];

	describe_guest(compare->input[compare->base].run[0], row->storm, base, sizeof(base));
	for (size_t i = 0; i < compare->inputs && !*row->note; i++) {
		const struct run *run = compare->input[i].run[0];

		if (row->cell[i].there &&
		    strcmp(base, describe_guest(run, run_storm_find(run, row->storm->name), other,
						sizeof(other))))
			snprintf(row->note, sizeof(row->note), "guests differ");
	}
}

static bool row_compares(const struct compare *compare, const struct compare_row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->inputs; i++)
		n += row->cell[i].there;
	return row->cell[compare->base].there && n > 1;
}

static int add_row(struct work *work, const struct run_storm *storm, enum leg leg,
		   const bool *there)
{
	struct compare *compare = work->compare;
	struct compare_row *grown, *row;
	int error = 0;

	if (!input_has(&compare->input[compare->base], storm->name, leg))
		return 0;
	grown = realloc(compare->row, (compare->rows + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	compare->row = grown;
	row = &grown[compare->rows];
	*row = (struct compare_row){.storm = storm, .leg = leg};
	row->cell = memory_new(compare->inputs, sizeof(*row->cell));
	for (size_t i = 0; !error && i < compare->inputs; i++) {
		const char *site;

		row->cell[i].there = there[i] && input_has(&compare->input[i], storm->name, leg);
		site = row->cell[i].there ? other_site(&compare->input[i], row) : NULL;
		if (!site)
			continue;
		if (work->options->force) {
			snprintf(row->note, sizeof(row->note), "sites differ: %.32s, %.32s",
				 storm->leg[leg].site, site);
			continue;
		}
		row->cell[i].there = false;
		error = compare_omit(compare, storm->name, "%s stamped at %.32s, in %s at %.32s",
				     leg_name[leg], storm->leg[leg].site, compare->input[i].label,
				     site);
	}
	note_guests(compare, row);
	if (!error && row_compares(compare, row))
		error = compare_fill_row(compare, row, work->why);
	if (!error && row_compares(compare, row))
		compare->rows++;
	else
		free(row->cell);
	return error;
}

/* The first leg in order of preference that all inputs have; LEGS: none. */
static enum leg shared_leg(const struct compare *compare, const struct run_storm *base,
			   const bool *there)
{
	const enum leg order[] = {describe_main_leg(base), LEG_ROUND_TRIP, LEG_GUEST_VISIT,
				  LEG_ENTRY_FAIL, LEG_PERIOD};
	const char *storm = base->name;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		bool all = order[i] != LEGS;

		for (size_t input = 0; input < compare->inputs; input++)
			all = all &&
			      (!there[input] || input_has(&compare->input[input], storm, order[i]));
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
	size_t inputs = 0, rows = compare->rows, omissions;
	int error = 0;

	why = unlike(work, &compare->input[compare->base], storm);
	if (why)
		return compare_omit(compare, storm->name, "%s in %s", why,
				    compare->input[compare->base].label);
	for (size_t i = 0; !error && i < compare->inputs; i++) {
		why = unlike(work, &compare->input[i], storm);
		there[i] = !why;
		inputs += there[i];
		if (why)
			error = compare_omit(compare, storm->name, "%s in %s", why,
					     compare->input[i].label);
	}
	if (error || inputs < 2)
		return error;
	omissions = compare->omissions;
	for (int i = 0; !error && work->options->all_legs && i < LEGS; i++)
		error = add_row(work, storm, i, there);
	if (error || work->options->all_legs)
		return error;
	/* With --leg, storms without the leg are not listed as omitted. */
	if (leg != LEGS && !input_has(&compare->input[compare->base], storm->name, leg))
		return 0;
	if (leg == LEGS)
		leg = shared_leg(compare, storm, there);
	if (leg != LEGS)
		error = add_row(work, storm, leg, there);
	if (!error && compare->rows == rows && compare->omissions == omissions)
		error = compare_omit(compare, storm->name, "no leg in common");
	return error;
}

int compare_add_storms(struct compare *compare, const struct compare_options *options, char *why)
{
	struct work work = {.compare = compare, .options = options, .why = why};
	const struct run *base = compare->input[compare->base].run[0];
	bool *there = memory_new(compare->inputs, sizeof(*there));
	int error = 0;

	for (size_t i = 0; !error && i < base->storms; i++)
		if (!options->wanted || options->wanted(options->arg, base->storm[i].name))
			error = add_storm(&work, &base->storm[i], there);
	free(there);
	/* Storms that the base lacks. */
	for (size_t i = 0; !error && i < compare->inputs; i++) {
		const struct run *run = compare->input[i].run[0];

		for (size_t j = 0; !error && i != compare->base && j < run->storms; j++)
			if (!run_storm_find(base, run->storm[j].name) &&
			    (!options->wanted || options->wanted(options->arg, run->storm[j].name)))
				error = compare_omit(compare, run->storm[j].name, "missing in %s",
						     compare->input[compare->base].label);
	}
	return error;
}
