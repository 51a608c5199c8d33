// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HdrHistogram's text: outputPercentileDistribution() of its Java class Histogram, with five steps
 * per half of the distance to 100 %.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"
#include "../stats/stats.h"
#include "formats.h"

#define STEPS_PER_HALF 5

/* The highest value of a bucket. */
static double highest(const struct histogram *histogram, u32 bucket)
{
	double value = histogram_low(bucket, HISTOGRAM_SUB_BITS) +
		       histogram_width(bucket, HISTOGRAM_SUB_BITS) - 1;

	return value < histogram->max ? value : histogram->max;
}

static void put_line(const struct histogram *histogram, u32 bucket, double level, u64 below,
		     double scale, FILE *out)
{
	fprintf(out, "%12.3f %2.12f %10llu %14.2f\n", highest(histogram, bucket) * scale,
		level / 100, (unsigned long long)below, 1 / (1 - level / 100));
}

/* As its PercentileIterator: the step halves with the distance that is left. */
static void put_lines(const struct histogram *histogram, double scale, FILE *out)
{
	double level = 0; /* of 100 */
	u64 below = 0;

	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	for (u32 i = 0; i < HISTOGRAM_BUCKETS && below < histogram->count; i++) {
		below += histogram->bucket[i];
		while (histogram->bucket[i] && 100.0 * below / histogram->count >= level) {
			put_line(histogram, i, level, below, scale, out);
			level +=
				100 / (STEPS_PER_HALF * exp2(floor(log2(100 / (100 - level))) + 1));
			if (below == histogram->count)
				break;
		}
	}
	fprintf(out, "%12.3f %2.12f %10llu\n", histogram->max * scale, 1.0,
		(unsigned long long)histogram->count);
}

static int put(const struct run *run, const struct run_storm *storm, enum leg leg, FILE *out,
	       char *why)
{
	const struct leg_stats *all = &storm->leg[leg].all;
	struct histogram *histogram = memory_new(1, sizeof(*histogram));
	double hz = describe_hz(run), scale = hz > 0 ? 1e9 / hz : 1;
	int error = stats_add_histogram(run, storm, leg, histogram, why);

	if (error == -ENOENT)
		why_say(why, error, "%s has no histogram of %s", why_path(run->path), storm->name);
	if (!error && (!histogram->count || !(all->max >= 0 && all->max < 0x1p64)))
		error = why_say(why, -EBADMSG, "%s: the histogram of %s has no values of leg %s",
				why_path(run->path), storm->name, leg_name[leg]);
	if (!error) {
		histogram->max = all->max;
		put_lines(histogram, scale, out);
		fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", all->mean * scale,
			all->stddev * scale);
		fprintf(out, "#[Max     = %12.3f, Total count    = %12llu]\n", all->max * scale,
			(unsigned long long)histogram->count);
		fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n",
			HISTOGRAM_TOP_BIT - HISTOGRAM_SUB_BITS + 1, 1 << HISTOGRAM_SUB_BITS);
	}
	free(histogram);
	return error;
}

int format_hgrm(const struct format_data *data, FILE *out, char *why)
{
	const struct run *run = data->input[0].run[0];
	const struct run_storm *chosen = NULL;
	size_t count = 0;
	enum leg leg;

	if (data->compare)
		return why_say(why, -EINVAL,
			       "hgrm holds one histogram: exitstorm show RUN "
			       "--format hgrm -s STORM");
	for (size_t i = 0; i < run->storms; i++)
		if (describe_measured(&run->storm[i]) &&
		    (!data->wanted || data->wanted(data->arg, run->storm[i].name))) {
			chosen = &run->storm[i];
			count++;
		}
	if (count != 1)
		return why_say(why, -EINVAL,
			       "hgrm holds one histogram, and %zu storms have one: "
			       "-s chooses",
			       count);
	leg = data->leg == LEGS ? describe_main_leg(chosen) : data->leg;
	if (data->all_legs || !describe_has(chosen, leg))
		return why_say(why, -EINVAL, "%s: hgrm needs a leg that it has", chosen->name);
	return put(run, chosen, leg, out, why);
}
