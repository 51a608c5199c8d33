// SPDX-License-Identifier: GPL-2.0-or-later
#include "levels.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "inference.h"
#include "repeats.h"

const char *const level_name[LEVELS] = {"record", "repeat", "run", "boot"};
const char *const level_names[LEVELS] = {"records", "repeats", "runs", "boots"};

/* The runs of one boot. */
struct boot {
	double sum, squared; /* of the runs' values; of their squared errors */
	size_t runs;
};

/* A run of one repeat: what its error would be counts as the run's own. */
static double known(double squared)
{
	return isnan(squared) ? 0 : squared;
}

static double positive(double value)
{
	return value < 0 ? 0 : value;
}

/* Sums of squares between runs of a boot and between boots, and what the error of runs adds. */
struct sums {
	double within, freedom; /* of runs about their boots' means */
	double error;		/* mean of the runs' squared errors */
	double between;		/* variance of the boots' means */
	double per_boot;	/* mean of 1 / runs of a boot */
	double below;		/* squared error of a boot's mean by its runs' errors, mean */
};

static struct sums sums_of(const struct level_run *run, size_t runs, const struct boot *boot,
			   size_t boots)
{
	struct sums sums = {0};
	double mean = 0;

	for (size_t i = 0; i < runs; i++) {
		const struct boot *of = &boot[run[i].boot];
		double off = run[i].log - of->sum / of->runs;

		sums.within += off * off;
		sums.error += known(run[i].squared) / runs;
	}
	for (size_t i = 0; i < boots; i++) {
		mean += boot[i].sum / boot[i].runs / boots;
		sums.freedom += boot[i].runs - 1.0;
		sums.per_boot += 1.0 / boot[i].runs / boots;
		sums.below += boot[i].squared / boot[i].runs / boot[i].runs / boots;
	}
	for (size_t i = 0; i < boots; i++)
		sums.between += pow(boot[i].sum / boot[i].runs - mean, 2) / (boots - 1.0);
	return sums;
}

/* Repeats and records: from the runs' own errors. */
static void set_lower(const struct level_run *run, size_t runs, struct levels *levels)
{
	double repeat = 0, error = 0, record = 0;

	for (size_t i = 0; i < runs; i++) {
		repeat += run[i].squared * run[i].repeats / runs;
		error += run[i].record_squared / runs;
		record += run[i].record_squared * run[i].records / runs;
	}
	levels->variance[LEVEL_RECORD] = record;
	levels->variance[LEVEL_REPEAT] = positive(repeat - (isnan(error) ? 0 : error));
	/* Their shares in what the repeats add; of records all that they can. */
	levels->share[LEVEL_RECORD] = isnan(error) || !(repeat > 0) ? 0 : fmin(1, error / repeat);
	levels->share[LEVEL_REPEAT] = 1 - levels->share[LEVEL_RECORD];
}

static void set_upper(const struct sums *sums, size_t boots, struct levels *levels)
{
	double runs = sums->freedom > 0 ? sums->within / sums->freedom : NAN;

	levels->variance[LEVEL_RUN] = positive(runs - sums->error);
	levels->variance[LEVEL_BOOT] =
		boots < 2 ? NAN
			  : positive(sums->between -
				     (isnan(runs) ? sums->below : runs * sums->per_boot));
}

/* From parts of the squared error of the centre. */
static void set_shares(const struct sums *sums, size_t boots, struct levels *levels)
{
	double *share = levels->share, all = 0;

	share[LEVEL_RECORD] *= sums->below / boots;
	share[LEVEL_REPEAT] *= sums->below / boots;
	share[LEVEL_RUN] = levels->variance[LEVEL_RUN] * sums->per_boot / boots;
	share[LEVEL_BOOT] = levels->variance[LEVEL_BOOT] / boots;
	for (int i = 0; i < LEVELS; i++)
		all += isnan(share[i]) ? 0 : share[i];
	for (int i = 0; i < LEVELS; i++) {
		share[i] = !(all > 0) ? NAN : isnan(share[i]) ? 0 : share[i] / all;
		if (share[i] >= share[levels->pays])
			levels->pays = i;
	}
}

void levels_of(const struct level_run *run, size_t runs, size_t boots, struct levels *levels)
{
	struct boot *boot = memory_new(boots, sizeof(*boot));
	size_t tops = boots > 1 ? boots : runs;
	struct sample top = {.log = memory_new(tops, sizeof(double)), .n = tops};
	struct sums sums;

	*levels = (struct levels){.boots = boots, .runs = runs};
	for (size_t i = 0; i < runs; i++) {
		boot[run[i].boot].sum += run[i].log;
		boot[run[i].boot].squared += known(run[i].squared);
		boot[run[i].boot].runs++;
	}
	for (size_t i = 0; i < tops; i++)
		top.log[i] = boots > 1 ? boot[i].sum / boot[i].runs : run[i].log;
	levels->log = sample_centre(&top);
	sample_interval(&top, &levels->low, &levels->high);
	sample_free(&top);
	sums = sums_of(run, runs, boot, boots);
	set_lower(run, runs, levels);
	set_upper(&sums, boots, levels);
	set_shares(&sums, boots, levels);
	free(boot);
}

size_t levels_boots(struct run *const *run, size_t runs, size_t *boot)
{
	size_t boots = 0;

	for (size_t i = 0; i < runs; i++) {
		const char *name = describe_boot(run[i]);
		size_t j = 0;

		while (j < i && strcmp(name, describe_boot(run[j])))
			j++;
		boot[i] = j < i ? boot[j] : boots++;
	}
	for (size_t i = 0; i < runs; i++)
		if (!*describe_boot(run[i])) {
			memset(boot, 0, runs * sizeof(*boot));
			return runs > 0;
		}
	return boots;
}

static int read_run(const struct run *run, const char *name, enum leg leg, struct level_run *value,
		    char *why)
{
	const struct run_storm *storm = run_storm_find(run, name);
	struct record_spread spread;
	struct sample sample;
	bool clean;
	int error;

	if (!storm || !describe_has(storm, leg))
		return why_say(why, -ENODATA, "%s: has no %s of %s", why_path(run->path),
			       leg_name[leg], name);
	clean = storm->leg[leg].figure[RUN_P50].clean;
	error = repeats_sample(run, storm, leg, RUN_P50, clean, &sample, why);
	if (error)
		return error;
	value->log = sample_centre(&sample);
	value->squared = sample_squared_error(&sample);
	value->repeats = sample.n;
	sample_free(&sample);
	error = repeats_record_spread(run, storm, leg, clean, &spread, why);
	value->record_squared = spread.squared;
	value->records = spread.records;
	return error;
}

int levels_of_runs(struct run *const *run, size_t runs, const char *storm, enum leg leg,
		   struct levels *levels, char *why)
{
	struct level_run *value = memory_new(runs, sizeof(*value));
	size_t *boot = memory_new(runs, sizeof(*boot)), boots = levels_boots(run, runs, boot);
	int error = 0;

	for (size_t i = 0; !error && i < runs; i++) {
		error = read_run(run[i], storm, leg, &value[i], why);
		value[i].boot = boot[i];
	}
	if (!error)
		levels_of(value, runs, boots, levels);
	free(value);
	free(boot);
	return error;
}
