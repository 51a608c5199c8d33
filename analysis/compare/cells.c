// SPDX-License-Identifier: GPL-2.0-or-later
#include "cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "../describe/describe.h"
#include "../stats/medians.h"

/* A clock's step above this part of the margin is spread over the values. */
#define FINE 0.1

double compare_factor(const struct compare *compare, const struct run *run,
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

static bool all_clean(const struct compare *compare, const struct compare_row *row)
{
	for (size_t i = 0; i < compare->inputs; i++)
		for (size_t j = 0; row->cell[i].there && j < compare->input[i].runs; j++)
			if (!medians_have_clean(
				    run_storm_find(compare->input[i].run[j], row->storm->name),
				    row->leg))
				return false;
	return true;
}

/* Adds a run's values to the sample; of a group's run its centre, as one value. */
static int add_run(const struct compare *compare, const struct compare_row *row,
		   const struct compare_input *input, size_t index, struct sample *sample,
		   char *why)
{
	const struct run *run = input->run[index];
	const struct run_storm *storm = run_storm_find(run, row->storm->name);
	double add = log(compare_factor(compare, run, storm));
	struct sample one;
	int error;

	error = medians_sample(run, storm, row->leg, row->clean, FINE * compare->margin, &one, why);
	if (error)
		return error;
	for (size_t i = 0; i < one.n; i++)
		one.log[i] += add;
	sample->blur += one.blur / input->runs;
	if (input->runs == 1) {
		one.blur = sample->blur;
		*sample = one;
		return 0;
	}
	sample->log[sample->n++] = sample_centre(&one);
	sample_free(&one);
	return 0;
}

static int fill_cell(const struct compare *compare, const struct compare_row *row, size_t index,
		     struct sample *sample, char *why)
{
	const struct compare_input *input = &compare->input[index];
	struct compare_cell *cell = &row->cell[index];
	double tail = 0;
	int error = 0;

	if (input->runs > 1) {
		sample->log = calloc(input->runs, sizeof(*sample->log));
		if (!sample->log)
			return -ENOMEM;
	}
	for (size_t i = 0; !error && i < input->runs; i++) {
		const struct run_storm *storm = run_storm_find(input->run[i], row->storm->name);
		const struct run_leg *leg = &storm->leg[row->leg];

		tail += log((row->clean ? leg->clean : leg->all).p99 *
			    compare_factor(compare, input->run[i], storm));
		error = add_run(compare, row, input, i, sample, why);
	}
	cell->p50 = exp(sample_centre(sample));
	cell->p99 = exp(tail / input->runs);
	cell->n = sample->n;
	return error;
}

static int fill_cells(struct compare *compare, struct compare_row *row, struct sample *sample,
		      char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < compare->inputs; i++) {
		if (!row->cell[i].there)
			continue;
		error = fill_cell(compare, row, i, &sample[i], why);
		if (error == -ENODATA) {
			row->cell[i].there = false;
			error = compare_omit(compare, row->storm->name, "%s: %s",
					     compare->input[i].label, why);
		}
	}
	return error;
}

int compare_fill_row(struct compare *compare, struct compare_row *row, char *why)
{
	struct sample *sample = calloc(compare->inputs, sizeof(*sample));
	const struct sample *base = &sample[compare->base];
	int error = sample ? 0 : -ENOMEM;

	row->clean = all_clean(compare, row);
	if (!error)
		error = fill_cells(compare, row, sample, why);
	for (size_t i = 0; !error && i < compare->inputs; i++) {
		struct compare_cell *cell = &row->cell[i];
		bool paired;

		if (i == compare->base || !cell->there || !row->cell[compare->base].there)
			continue;
		paired = compare_in_turn(compare, i);
		(paired ? shift_paired : shift_unpaired)(base, &sample[i], &cell->shift);
		shift_bootstrap(base, &sample[i], paired, &cell->boot_low, &cell->boot_high);
	}
	for (size_t i = 0; sample && i < compare->inputs; i++)
		sample_free(&sample[i]);
	free(sample);
	return error;
}
