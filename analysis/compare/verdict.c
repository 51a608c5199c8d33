// SPDX-License-Identifier: GPL-2.0-or-later
#include "verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../stats/power.h"

/*
 * Runs that were made one after the other also differ by the load that other processes had
 * meanwhile. The spread of repeats within a run does not show how much that is, so under load such
 * a pair has no verdict. Load meets runs taken in turn alike, and is part of the spread of a group
 * of runs.
 */
bool compare_is_busy(const struct compare *compare, size_t input)
{
	const struct run *base = compare->input[compare->base].run[0];
	const struct run *run = compare->input[input].run[0];

	return !compare->groups && input != compare->base && !compare_in_turn(compare, input) &&
	       (describe_busy(base) || describe_busy(run));
}

static struct compare_cell *cell_at(struct compare *compare, size_t index)
{
	struct compare_row *row = &compare->row[index / compare->inputs];
	size_t input = index % compare->inputs;

	return input != compare->base && row->cell[input].there ? &row->cell[input] : NULL;
}

static enum unclear_reason reason_of(const struct compare_cell *cell)
{
	if (cell->verdict != VERDICT_UNCLEAR)
		return UNCLEAR_NOT;
	if (isnan(cell->shift.low))
		return UNCLEAR_ONE;
	return isfinite(cell->needed) ? UNCLEAR_SPREAD : UNCLEAR_CLOCK;
}

static void decide_cell(const struct compare *compare, const struct compare_row *row,
			struct compare_cell *cell, double p_holm)
{
	cell->p_holm = p_holm;
	cell->verdict = shift_verdict(&cell->shift, p_holm, compare->margin);
	cell->needed = cell->verdict == VERDICT_UNCLEAR
			       ? shift_needed(&cell->shift, compare->margin,
					      INFERENCE_ALPHA / (row->family ? row->family : 1))
			       : NAN;
	cell->unclear_reason = reason_of(cell);
}

/* Adjusts p[] of the cells whose rows are of this leg; LEGS: of all rows. */
static int adjust_family(struct compare *compare, int leg, double *p, double *family)
{
	size_t all = compare->rows * compare->inputs, tests = 0;

	for (size_t i = 0; i < all; i++) {
		struct compare_cell *cell = cell_at(compare, i);
		bool in = leg == LEGS || (int)compare->row[i / compare->inputs].leg == leg;

		family[i] = in && cell ? cell->shift.p : NAN;
		tests += !isnan(family[i]);
	}
	if (holm_adjust(family, all))
		return -ENOMEM;
	for (size_t i = 0; i < all; i++) {
		struct compare_row *row = &compare->row[i / compare->inputs];

		if (leg != LEGS && (int)row->leg != leg)
			continue;
		p[i] = family[i];
		row->family = tests;
	}
	compare->tests += tests;
	return 0;
}

/*
 * The storms of the leg that was asked for are one family of tests. The legs of a round trip do not
 * vary independently, so with all legs each is a family of its own: forty storms with four legs
 * would ask for four times as small a p of each.
 */
static int adjust(struct compare *compare, double *p)
{
	double *family = memory_new(compare->rows * compare->inputs, sizeof(*family));
	int error = 0;

	if (!compare->all_legs)
		error = adjust_family(compare, LEGS, p, family);
	for (int leg = 0; !error && compare->all_legs && leg < LEGS; leg++)
		error = adjust_family(compare, leg, p, family);
	free(family);
	return error;
}

/* No verdict where the interval is too narrow, because it takes the repeats as independent. */
static void take_back(const struct compare *compare, struct compare_cell *cell, size_t input)
{
	if (compare_is_busy(compare, input))
		cell->unclear_reason = UNCLEAR_BUSY;
	else if (cell->serial)
		cell->unclear_reason = UNCLEAR_SERIAL;
	else
		return;
	cell->verdict = VERDICT_UNCLEAR;
	cell->needed = NAN;
}

int compare_decide(struct compare *compare, bool force)
{
	size_t all = compare->rows * compare->inputs;
	double *p = memory_new(all, sizeof(*p));
	int error = adjust(compare, p);

	for (size_t i = 0; !error && i < all; i++) {
		struct compare_cell *cell = cell_at(compare, i);

		if (!cell)
			continue;
		decide_cell(compare, &compare->row[i / compare->inputs], cell, p[i]);
		if (!force && cell->unclear_reason != UNCLEAR_ONE)
			take_back(compare, cell, i % compare->inputs);
	}
	free(p);
	return error;
}

size_t compare_regressions(const struct compare *compare, double percent)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->inputs; j++) {
			const struct compare_cell *cell = &compare->row[i].cell[j];

			n += j != compare->base && cell->there && cell->verdict == VERDICT_SLOWER &&
			     expm1(cell->shift.log) * 100 > percent;
		}
	return n;
}

bool compare_is_doubtful(const struct compare_cell *cell, double percent)
{
	return cell->verdict == VERDICT_UNCLEAR && !(expm1(cell->shift.high) * 100 <= percent);
}

size_t compare_doubtful(const struct compare *compare, double percent)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->inputs; j++) {
			const struct compare_cell *cell = &compare->row[i].cell[j];

			n += j != compare->base && cell->there &&
			     compare_is_doubtful(cell, percent);
		}
	return n;
}

bool compare_is_lost(const struct compare *compare, const struct compare_omitted *omitted)
{
	const struct run *base = compare->input[compare->base].run[0];
	const struct run_storm *storm = run_storm_find(base, omitted->storm);

	return storm && describe_measured(storm);
}

size_t compare_lost(const struct compare *compare)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->omissions; i++)
		n += compare_is_lost(compare, &compare->omitted[i]);
	return n;
}

/* Cells beside those of the base. NULL: any reason, any verdict. */
static size_t count_cells(const struct compare *compare, const enum unclear_reason *reason,
			  const enum verdict *verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->rows; i++)
		for (size_t j = 0; j < compare->inputs; j++) {
			const struct compare_cell *cell = &compare->row[i].cell[j];

			n += j != compare->base && cell->there &&
			     (!reason || cell->unclear_reason == *reason) &&
			     (!verdict || cell->verdict == *verdict);
		}
	return n;
}

size_t compare_unclear(const struct compare *compare, enum unclear_reason reason)
{
	return count_cells(compare, &reason, NULL);
}

size_t compare_verdicts(const struct compare *compare, enum verdict verdict)
{
	return count_cells(compare, NULL, &verdict);
}

size_t compare_cells(const struct compare *compare)
{
	return count_cells(compare, NULL, NULL);
}
