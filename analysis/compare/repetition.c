// SPDX-License-Identifier: GPL-2.0-or-later
#include "repetition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../stats/levels.h"

#define MAX_NAMED 8

/* 0: not known. */
static size_t boots_of(const struct compare_input *input)
{
	size_t *boot = memory_new(input->runs, sizeof(*boot));
	size_t boots = levels_boots(input->run, input->runs, boot);

	free(boot);
	for (size_t i = 0; i < input->runs; i++)
		if (!*describe_boot(input->run[i]))
			return 0;
	return boots;
}

bool compare_by_boots(const struct compare *compare)
{
	bool several = false;

	for (size_t i = 0; compare->groups && i < compare->inputs; i++) {
		size_t boots = boots_of(&compare->input[i]);

		if (boots < 2)
			return false;
		several |= boots < compare->input[i].runs;
	}
	return several;
}

void compare_merge_boots(const struct compare_input *input, struct sample *sample)
{
	size_t *boot = memory_new(input->runs, sizeof(*boot));
	size_t boots = levels_boots(input->run, input->runs, boot);

	for (size_t i = 0; i < boots; i++) {
		double sum = 0;
		size_t runs = 0;

		/*
		 * Boots are numbered in the order of their first run: entry i is of boot i or of an
		 * earlier one, which is done.
		 */
		for (size_t j = i; j < sample->n; j++) {
			sum += boot[j] == i ? sample->log[j] : 0;
			runs += boot[j] == i;
		}
		sample->log[i] = sum / runs;
	}
	sample->n = boots;
	free(boot);
}

/* The level that makes a row's interval of the input wide; LEVELS: not known. */
static enum level level_of(const struct compare_input *input, const struct compare_row *row)
{
	struct levels levels;
	char why[RUN_WHY];

	if (levels_of_runs(input->run, input->runs, row->storm->name, row->leg, &levels, why) ||
	    isnan(levels.share[0]))
		return LEVELS;
	return levels.pays;
}

/* "boots for pio_out, cpuid"; of many rows their number. Returns whether there are any. */
static bool put_rows(const struct compare *compare, const enum level *pays, enum level level,
		     const char *before, FILE *out)
{
	size_t count = 0, put = 0;

	for (size_t i = 0; i < compare->rows; i++)
		count += pays[i] == level;
	if (!count)
		return false;
	fprintf(out, "%s%s for ", before, level_names[level]);
	if (count > MAX_NAMED)
		fprintf(out, "%zu of %zu rows", count, compare->rows);
	for (size_t i = 0; i < compare->rows && count <= MAX_NAMED; i++)
		if (pays[i] == level)
			fprintf(out, "%s%s%s%s", put++ ? ", " : "", compare->row[i].storm->name,
				compare->all_legs ? " " : "",
				compare->all_legs ? leg_name[compare->row[i].leg] : "");
	return true;
}

static void put_input(const struct compare *compare, size_t index, FILE *out)
{
	const struct compare_input *input = &compare->input[index];
	enum level *pays = memory_new(compare->rows, sizeof(*pays));
	const char *before = "more of these narrows the interval most: ";
	size_t boots = boots_of(input);

	for (size_t i = 0; i < compare->rows; i++)
		pays[i] = compare->row[i].cell[index].there ? level_of(input, &compare->row[i])
							    : LEVELS;
	fprintf(out, "%s: %zu runs of ", input->label, input->runs);
	if (boots)
		fprintf(out, "%zu boot%s; ", boots, boots == 1 ? "" : "s");
	else
		fputs("boots that are not known; ", out);
	for (int level = LEVELS; level-- > 0;)
		if (put_rows(compare, pays, level, before, out))
			before = "; ";
	fputs(".\n", out);
	if (boots == 1)
		fprintf(out,
			"All runs of %s are of one boot: the intervals do not contain what varies "
			"from boot to boot.\n",
			input->label);
	free(pays);
}

void compare_put_repetition(const struct compare *compare, FILE *out)
{
	for (size_t i = 0; compare->groups && i < compare->inputs; i++)
		put_input(compare, i, out);
}
