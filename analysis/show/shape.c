// SPDX-License-Identifier: GPL-2.0-or-later
#include "shape.h"

#include <math.h>

#include "../describe/describe.h"
#include "../output/units.h"

/* A median between two modes, or one that jumps from one to the other, is no centre. */
void show_note_modes(const struct run *run, FILE *out)
{
	const char *before = "More than one mode: ";

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		const json_t *legs = json_object_get(storm->json, "legs"), *modes;
		char ticks[32];

		if (!describe_measured(storm))
			continue;
		modes = json_object_get(json_object_get(legs, leg_name[describe_main_leg(storm)]),
					"modes");
		if (json_array_size(modes) < 2)
			continue;
		fprintf(out, "%s%s", before, storm->name);
		for (size_t j = 0; j < json_array_size(modes); j++) {
			const json_t *mode = json_array_get(modes, j);

			fprintf(out, "%s %s (%.0f %%)", j ? "," : "",
				units_ticks(ticks, sizeof(ticks),
					    json_number_value(json_object_get(mode, "p50"))),
				100 * json_number_value(json_object_get(mode, "share")));
		}
		before = "; ";
	}
	if (*before == ';')
		fputs(". Their p50 is of all of them.\n", out);
}

/* The first operations of batches, where their p50 differs most. */
void show_note_first(const struct run *run, FILE *out)
{
	const struct run_storm *worst = NULL;
	double max = 0;

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		double more;

		if (!describe_measured(storm) || !describe_has(storm, LEG_FIRST) ||
		    !describe_has(storm, LEG_ROUND_TRIP))
			continue;
		more = storm->leg[LEG_FIRST].all.p50 / storm->leg[LEG_ROUND_TRIP].all.p50 - 1;
		if (isfinite(more) && more > max) {
			max = more;
			worst = storm;
		}
	}
	if (!worst || max < 0.01)
		return;
	fprintf(out,
		"First of a batch (leg first; in the figures): p50 up to %.1f %% above all, in %s, "
		"of which they are %.1f %%.\n",
		100 * max, worst->name,
		100.0 * worst->leg[LEG_FIRST].all.count / worst->leg[LEG_ROUND_TRIP].all.count);
}
