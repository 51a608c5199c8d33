// SPDX-License-Identifier: GPL-2.0-or-later
#include "notes.h"

#include <math.h>
#include <string.h>

#include "../describe/describe.h"
#include "../output/units.h"
#include "../stats/repeats.h"
#include "repetition.h"
#include "verdict.h"

#define IDLE 0.5 /* load average of an idle machine */

/* Storms with the same reason share a line. */
void compare_put_omitted(const struct compare *compare, FILE *out)
{
	for (size_t i = 0; i < compare->omissions; i++) {
		const struct compare_omitted *omitted = compare->omitted;
		bool before = false;

		for (size_t j = 0; j < i; j++)
			before |= !strcmp(omitted[i].why, omitted[j].why);
		if (before)
			continue;
		fprintf(out, "Not compared, %s: %s", omitted[i].why, omitted[i].storm);
		for (size_t j = i + 1; j < compare->omissions; j++)
			if (!strcmp(omitted[i].why, omitted[j].why))
				fprintf(out, ", %s", omitted[j].storm);
		putc('\n', out);
	}
}

static bool any_row_with(const struct compare *compare, bool clean)
{
	for (size_t i = 0; i < compare->rows; i++)
		if (compare->row[i].clean == clean)
			return true;
	return false;
}

/* Other load disturbs runs differently unless they were taken in turn. */
static void put_busy(const struct compare *compare, FILE *out)
{
	double max_others = 0, load = 0;
	bool known = true, apart = false;

	for (size_t i = 0; i < compare->inputs; i++) {
		for (size_t j = 0; j < compare->input[i].runs; j++) {
			const struct run *run = compare->input[i].run[j];

			known &= !isnan(describe_others(run));
			max_others = describe_busy(run) ? fmax(max_others, describe_others(run))
							: max_others;
			if (strcmp(run_string(run, "target.clock"), "instructions"))
				load = fmax(load, describe_number(run, "host.load1"));
		}
		apart |= compare_is_busy(compare, i);
	}
	if (max_others > 0 && max_others < 1e6)
		fprintf(out, "BUSY: other load took up to %.2f CPUs during the runs. %s\n",
			max_others,
			apart ? "The runs were not taken in turn, so that load may be the "
				"difference. run --vary takes runs in turn; groups of runs have it "
				"in their spread."
			: compare->groups
				? "Its changes from run to run are part of the groups' spread."
				: "The runs were taken in turn, so it affected all of them.");
	else if (!known && load > IDLE && load < 1e6)
		fprintf(out,
			"BUSY: the load average was up to %.2f when the runs began. That load may "
			"be the difference between runs; run --vary takes runs in turn.\n",
			load);
}

static bool any_of_target(const struct compare *compare, const char *name)
{
	for (size_t i = 0; i < compare->inputs; i++)
		for (size_t j = 0; j < compare->input[i].runs; j++)
			if (!strcmp(run_string(compare->input[i].run[j], "target.name"), name))
				return true;
	return false;
}

/* The module enters the guest without KVM's code around VM entry. */
static void put_mitigations(const struct compare *compare, FILE *out)
{
	if (any_of_target(compare, "module") && any_of_target(compare, "kvm"))
		fprintf(out, "Module runs lack the mitigations that KVM applies on VM exit and "
			     "entry (L1D flush, VERW, IBPB, filling the return stack): their cost "
			     "is part of the difference.\n");
}

/* Which methods made the intervals: pairs where repeats were taken in turn. */
static void put_method(const struct compare *compare, FILE *out)
{
	const char *unit = compare_inference(compare);
	size_t paired = 0, unpaired = 0;

	for (size_t i = 0; i < compare->inputs; i++)
		if (i != compare->base)
			*(compare_in_turn(compare, i) ? &paired : &unpaired) += 1;
	fprintf(out,
		"The figure of a storm is the centre of its %ss' %s, in %s: their logarithms' mean "
		"without the lowest and the highest fifth.",
		unit, compare->quantile == RUN_P50 ? "medians" : quantile_name[compare->quantile],
		compare_unit_name[compare->unit]);
	if (compare->quantile == RUN_P50)
		fprintf(out,
			" p99: ratio of the repeats' p99 of all records, by the same method; - "
			"where they have fewer than %llu.",
			(unsigned long long)quantile_needs(RUN_P99));
	putc('\n', out);
	if (paired)
		fprintf(out,
			"paired%s: repeats were taken in turn, so each is compared with its "
			"partner. The "
			"ratio is the centre of the pairs' ratios, with its 95 %% interval (Yuen's "
			"t of "
			"the trimmed mean, on logarithms).\n",
			unpaired ? " (same --vary as the base)" : "");
	if (unpaired)
		fprintf(out,
			"unpaired%s: ratio of the centres, with its 95 %% interval (Yuen and "
			"Welch's t "
			"of trimmed means, on logarithms).\n",
			paired ? " (the others)" : "");
}

/* "12 comparisons.", or with all legs "comparisons of one leg (12 of round_trip, 9 of exit)." */
static void put_family(const struct compare *compare, FILE *out)
{
	const char *before = "comparisons of one leg (";

	if (!compare->all_legs) {
		fprintf(out, "%zu comparison%s of this table.\n", compare->tests,
			compare->tests == 1 ? "" : "s");
		return;
	}
	for (int leg = 0; leg < LEGS; leg++)
		for (size_t i = 0; i < compare->rows; i++) {
			if ((int)compare->row[i].leg != leg)
				continue;
			fprintf(out, "%s%zu of %s", before, compare->row[i].family, leg_name[leg]);
			before = ", ";
			break;
		}
	fputs(").\n", out);
}

void compare_put_notes(const struct compare *compare, FILE *out)
{
	const char *unit = compare_inference(compare);
	char margin[32];

	compare_put_omitted(compare, out);
	put_method(compare, out);
	fprintf(out,
		"same: the interval lies within +-%s %%. faster, slower: p < %g by Holm over the ",
		units_plain(margin, sizeof(margin), compare->margin * 100), INFERENCE_ALPHA);
	put_family(compare, out);
	if (compare_verdicts(compare, VERDICT_UNCLEAR))
		fprintf(out,
			"unclear: none of these; (N): about N %ss per input give a verdict in 4 of "
			"5 "
			"tries; (1 %s): one has no spread, make at least 5; (clock): no "
			"number would, the clock's step hides the difference%s%s.\n",
			unit, unit,
			compare_unclear(compare, UNCLEAR_SERIAL)
				? "; (serial): repeats resemble those before them, so the "
				  "interval is too narrow: take the runs in turn (run --vary, ab)"
				: "",
			compare_unclear(compare, UNCLEAR_BUSY) ? "; (busy): see below" : "");
	if (any_row_with(compare, true))
		fprintf(out, "Of undisturbed records%s.\n",
			any_row_with(compare, false) ? ", where all repeats have some" : "");
	if (compare->boots)
		fprintf(out, "Runs of one boot count as one value, their mean, because they share "
			     "what varies from boot to boot.\n");
	compare_put_repetition(compare, out);
	if (!compare->groups)
		fprintf(out, "The intervals hold for these runs. Variation from run to run is seen "
			     "only in groups of runs (A1,A2,A3 B1,B2,B3).\n");
	put_mitigations(compare, out);
	put_busy(compare, out);
}
