// SPDX-License-Identifier: GPL-2.0-or-later
#include "cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../stats/repeats.h"
#include "../stats/serial.h"
#include "repetition.h"

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

/* A row is of clean records where all inputs have some in most of their repeats. */
static int all_clean(const struct compare *compare, struct compare_row *row, char *why)
{
	int error = 0;

	row->clean = compare->quantile == RUN_P50;
	for (size_t i = 0; !error && row->clean && i < compare->inputs; i++)
		for (size_t j = 0;
		     !error && row->clean && row->cell[i].there && j < compare->input[i].runs;
		     j++) {
			const struct run *run = compare->input[i].run[j];

			error = repeats_have_clean(run, run_storm_find(run, row->storm->name),
						   row->leg, &row->clean, why);
		}
	return error;
}

/* Of which records, and which of their quantiles. */
struct wanted {
	enum run_quantile quantile;
	bool clean;
};

/* Adds a run's values to the sample; of a group's run its centre, as one value. */
static int add_run(const struct compare *compare, const struct compare_row *row,
		   const struct compare_input *input, size_t index, struct wanted wanted,
		   struct sample *sample, char *why)
{
	const struct run *run = input->run[index];
	const struct run_storm *storm = run_storm_find(run, row->storm->name);
	double add = log(compare_factor(compare, run, storm));
	struct sample one;
	int error;

	error = repeats_sample(run, storm, row->leg, wanted.quantile, wanted.clean, &one, why);
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

static int fill_sample(const struct compare *compare, const struct compare_row *row,
		       const struct compare_input *input, struct wanted wanted,
		       struct sample *sample, char *why)
{
	int error = 0;

	*sample = (struct sample){0};
	if (input->runs > 1)
		sample->log = memory_new(input->runs, sizeof(*sample->log));
	for (size_t i = 0; !error && i < input->runs; i++)
		error = add_run(compare, row, input, i, wanted, sample, why);
	if (error)
		sample_free(sample);
	else if (compare->boots)
		compare_merge_boots(input, sample);
	return error;
}

static int fill_cells(struct compare *compare, struct compare_row *row, struct sample *sample,
		      char *why)
{
	struct wanted wanted = {compare->quantile, row->clean};
	int error = 0;

	for (size_t i = 0; !error && i < compare->inputs; i++) {
		struct compare_cell *cell = &row->cell[i];

		if (!cell->there)
			continue;
		error = fill_sample(compare, row, &compare->input[i], wanted, &sample[i], why);
		cell->value = exp(sample_centre(&sample[i]));
		cell->n = sample[i].n;
		if (error == -ENODATA) {
			cell->there = false;
			error = compare_omit(compare, row->storm->name, "%s: %s",
					     compare->input[i].label, why);
		}
	}
	return error;
}

/* p99 beside the median; of inputs without enough records for it NAN. */
static int fill_tails(const struct compare *compare, struct compare_row *row, struct sample *sample,
		      char *why)
{
	struct wanted wanted = {RUN_P99, false};
	int error = 0;

	for (size_t i = 0; !error && i < compare->inputs; i++) {
		row->cell[i].p99 = NAN;
		if (!row->cell[i].there)
			continue;
		error = fill_sample(compare, row, &compare->input[i], wanted, &sample[i], why);
		row->cell[i].p99 = exp(sample_centre(&sample[i]));
		if (error == -ENODATA)
			error = 0;
	}
	return error;
}

static void shift_of(const struct compare *compare, const struct sample *sample, size_t input,
		     struct shift *shift)
{
	const struct sample *base = &sample[compare->base];

	if (compare_in_turn(compare, input))
		shift_paired(base, &sample[input], shift);
	else
		shift_unpaired(base, &sample[input], shift);
}

static void free_samples(const struct compare *compare, struct sample *sample)
{
	for (size_t i = 0; i < compare->inputs; i++)
		sample_free(&sample[i]);
}

int compare_fill_row(struct compare *compare, struct compare_row *row, char *why)
{
	struct sample *sample = memory_new(compare->inputs, sizeof(*sample));
	int error = all_clean(compare, row, why);

	if (!error)
		error = fill_cells(compare, row, sample, why);
	for (size_t i = 0; !error && i < compare->inputs; i++) {
		struct compare_cell *cell = &row->cell[i];

		if (i == compare->base || !cell->there || !row->cell[compare->base].there)
			continue;
		shift_of(compare, sample, i, &cell->shift);
		cell->serial = !compare->groups && !compare_in_turn(compare, i) &&
			       samples_are_serial(&sample[compare->base], &sample[i]);
		shift_bootstrap(&sample[compare->base], &sample[i], compare_in_turn(compare, i),
				&cell->boot_low, &cell->boot_high);
	}
	free_samples(compare, sample);
	if (!error)
		error = fill_tails(compare, row, sample, why);
	for (size_t i = 0; !error && i < compare->inputs; i++)
		if (i != compare->base && row->cell[i].there && row->cell[compare->base].there)
			shift_of(compare, sample, i, &row->cell[i].tail);
	free_samples(compare, sample);
	free(sample);
	return error;
}
