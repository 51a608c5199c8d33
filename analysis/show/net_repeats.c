// SPDX-License-Identifier: GPL-2.0-or-later
#include "net_repeats.h"

#include <math.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../stats/inference.h"

static double median_of(const json_t *repeat, const char *leg)
{
	const json_t *clean = json_object_get(json_object_get(repeat, "p50_clean"), leg);
	const json_t *all = json_object_get(json_object_get(repeat, "p50"), leg);

	return json_is_number(clean) ? json_number_value(clean)
	       : json_is_number(all) ? json_number_value(all)
				     : NAN;
}

void net_repeats_of(const struct run *run, const struct run_storm *storm,
		    struct net_repeats *repeats)
{
	const json_t *list = json_object_get(storm->json, "repeats");
	double count = describe_number(run, "plan.repeats");
	size_t *vcpus;

	repeats->count = count >= 1 && count <= 1e6 ? count : 0;
	repeats->trip = memory_new(repeats->count, sizeof(double));
	repeats->control = memory_new(repeats->count, sizeof(double));
	vcpus = memory_new(repeats->count, sizeof(*vcpus));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		json_int_t number = json_integer_value(json_object_get(one, "repeat"));

		if (number < 0 || (size_t)number >= repeats->count)
			continue;
		repeats->trip[number] += median_of(one, leg_name[LEG_ROUND_TRIP]);
		repeats->control[number] += median_of(one, leg_name[LEG_CONTROL]);
		vcpus[number]++;
	}
	for (size_t i = 0; i < repeats->count; i++) {
		repeats->trip[i] /= vcpus[i];
		repeats->control[i] /= vcpus[i];
	}
	free(vcpus);
}

void net_repeats_free(struct net_repeats *repeats)
{
	free(repeats->trip);
	free(repeats->control);
}

double net_ops(const struct run *run)
{
	double ops = atof(run_string(run, "settings.ops"));

	return ops >= 1 && ops <= 1e6 ? ops : 1;
}

struct net_figure net_centre(const double *value, size_t count, double blur)
{
	struct sample sample = {.log = memory_new(count, sizeof(double)), .blur = blur};
	struct net_figure figure;

	/* The functions of a sample take logarithms or, as here, ticks: they only average. */
	for (size_t i = 0; i < count; i++)
		if (isfinite(value[i]))
			sample.log[sample.n++] = value[i];
	figure.centre = sample_centre(&sample);
	sample_interval(&sample, &figure.low, &figure.high);
	sample_free(&sample);
	return figure;
}
