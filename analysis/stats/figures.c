// SPDX-License-Identifier: GPL-2.0-or-later
#include "figures.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../../results/compose.h"
#include "repeats.h"

#define MAX_TICKS 0x1p63

static int fill_one(const struct run *run, struct run_storm *storm, enum leg leg,
		    enum run_quantile quantile, char *why)
{
	struct run_figure *figure = &storm->leg[leg].figure[quantile];
	struct sample sample;
	bool clean = false;
	int error = 0;

	*figure = (struct run_figure){.ticks = NAN, .low = NAN, .high = NAN};
	if (quantile == RUN_P50)
		error = repeats_have_clean(run, storm, leg, &clean, why);
	if (!error)
		error = repeats_sample(run, storm, leg, quantile, clean, &sample, why);
	if (error)
		return error == -ENODATA ? 0 : error;
	sample_interval(&sample, &figure->low, &figure->high);
	figure->ticks = exp(sample_centre(&sample));
	figure->low = exp(figure->low);
	figure->high = exp(figure->high);
	if (!(figure->high < MAX_TICKS))
		figure->low = figure->high = NAN;
	figure->repeats = sample.n;
	figure->clean = clean;
	sample_free(&sample);
	return 0;
}

int figures_fill(struct run *run, char *why)
{
	int error = 0;

	for (size_t i = 0; i < run->storms; i++) {
		struct run_storm *storm = &run->storm[i];

		if (strcmp(storm->status, "measured"))
			continue;
		for (int leg = 0; leg < LEGS; leg++) {
			struct run_leg *of = &storm->leg[leg];

			if (!of->site)
				continue;
			for (int quantile = 0; !error && quantile < RUN_QUANTILES; quantile++)
				error = fill_one(run, storm, leg, quantile, why);
			if (error)
				return error;
			if (of->figure[RUN_P50].repeats) {
				of->ci_low = of->figure[RUN_P50].low;
				of->ci_high = of->figure[RUN_P50].high;
			}
		}
	}
	return 0;
}

/* False: there is none, or it is not of the form that run_leg_json() writes. */
static bool read_figure(const json_t *json, struct run_figure *figure)
{
	const json_t *interval = json_object_get(json, "ci95");
	const char *records = json_string_value(json_object_get(json, "records"));
	json_int_t repeats = json_integer_value(json_object_get(json, "repeats"));

	*figure = (struct run_figure){.ticks = NAN, .low = NAN, .high = NAN};
	if (json_is_null(json))
		return true;
	figure->ticks = json_number_value(json_object_get(json, "ticks"));
	if (json_array_size(interval) == 2) {
		figure->low = json_number_value(json_array_get(interval, 0));
		figure->high = json_number_value(json_array_get(interval, 1));
	}
	figure->repeats = repeats;
	figure->clean = records && !strcmp(records, "clean");
	return figure->ticks > 0 && repeats > 0 && repeats <= UINT32_MAX && records &&
	       !(figure->low > figure->high);
}

bool figures_read(struct run *run)
{
	static const char *const key[] = {
		[RUN_P50] = "p50",
		[RUN_P99] = "p99",
		[RUN_P999] = "p999",
	};
	bool all = true;

	for (size_t i = 0; i < run->storms; i++) {
		const json_t *legs = json_object_get(run->storm[i].json, "legs");

		for (int leg = 0; leg < LEGS; leg++) {
			struct run_leg *of = &run->storm[i].leg[leg];
			const json_t *centre =
				json_object_get(json_object_get(legs, leg_name[leg]), "centre");

			for (int quantile = 0; of->site && quantile < RUN_QUANTILES; quantile++)
				all &= read_figure(json_object_get(centre, key[quantile]),
						   &of->figure[quantile]);
		}
	}
	return all;
}

int figures_complete(struct run *run, char *why)
{
	int error = figures_fill(run, why);

	for (size_t i = 0; !error && i < run->storms; i++) {
		json_t *legs = json_object_get(run->storm[i].json, "legs");

		for (int leg = 0; leg < LEGS; leg++) {
			const struct run_leg *of = &run->storm[i].leg[leg];

			if (of->site)
				compose_set(legs, leg_name[leg], run_leg_json(of));
		}
	}
	return error;
}

int figures_open(const char *path, struct run **run, char *why)
{
	int error = run_open(path, run, why);

	if (error)
		return error;
	error = figures_fill(*run, why);
	if (error) {
		run_close(*run);
		*run = NULL;
	}
	return error;
}

double figures_p50(const struct run_leg *leg)
{
	return leg->figure[RUN_P50].repeats ? leg->figure[RUN_P50].ticks : leg->all.p50;
}

double figures_tail(const struct run_leg *leg, enum run_quantile quantile)
{
	const struct leg_stats *all = &leg->all;

	if (leg->figure[quantile].repeats)
		return leg->figure[quantile].ticks;
	if (leg->figure[RUN_P50].repeats || all->count < quantile_needs(quantile))
		return NAN;
	return quantile == RUN_P99 ? all->p99 : all->p999;
}

double figures_half(double low, double high)
{
	return (sqrt(high / low) - 1) * 100;
}
