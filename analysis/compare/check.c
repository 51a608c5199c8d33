// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "../describe/describe.h"
#include "verdict.h"

/* Relative error of a measured TSC rate. */

static int refuse(struct compare *compare, bool force, char *why, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int refuse(struct compare *compare, bool force, char *why, const char *format, ...)
{
	size_t used = strlen(compare->forced);
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	why_clean(text);
	if (force) {
		snprintf(compare->forced + used, sizeof(compare->forced) - used, "%s%s",
			 used ? "; " : "", text);
		return 0;
	}
	snprintf(why, RUN_WHY, "%s (--force compares them anyway)", text);
	return -EDOM;
}

static const char *clock_of(const struct run *run)
{
	const char *clock = run_string(run, "target.clock");

	return *clock ? clock : "unknown";
}

/* -EDOM: the run cannot be compared with the base. */
static int check_pair(struct compare *compare, const struct run *base, const struct run *run,
		      const char *label, bool force, char *why)
{
	const char *name = compare->input[compare->base].label;
	bool one = describe_emulated(base), other = describe_emulated(run);

	if (one != other)
		return refuse(compare, force, why,
			      "%.40s is %s and %.40s is %s: an emulator's ticks are not time", name,
			      one ? "emulated" : "real", label, other ? "emulated" : "real");
	if (strcmp(clock_of(base), clock_of(run)))
		return refuse(compare, force, why,
			      "different clocks: %.24s in %.30s, %.24s in %.30s", clock_of(base),
			      name, clock_of(run), label);
	return 0;
}

static int check_groups(struct compare *compare, char *why)
{
	for (size_t i = 0; i < compare->inputs; i++)
		compare->groups |= compare->input[i].runs > 1;
	for (size_t i = 0; compare->groups && i < compare->inputs; i++) {
		if (compare->input[i].runs > 1)
			continue;
		snprintf(
			why, RUN_WHY,
			"%.60s is one run: a group of runs is compared with groups of at least two",
			compare->input[i].label);
		return -EDOM;
	}
	return 0;
}

/*
 * Do all runs have one tick rate? NULL: yes; else the label of an input whose rate is not known, or
 * with known set of one whose rate differs.
 */
static const char *odd_rate(const struct compare *compare, bool *known)
{
	double first = describe_hz(compare->input[compare->base].run[0]);
	const char *odd = NULL, *unknown = NULL;

	for (size_t i = 0; i < compare->inputs; i++) {
		for (size_t j = 0; j < compare->input[i].runs; j++) {
			double hz = describe_hz(compare->input[i].run[j]);

			if (!(hz > 0))
				unknown = compare->input[i].label;
			else if (!describe_same_rate(hz, first))
				odd = compare->input[i].label;
		}
	}
	*known = !unknown;
	return unknown ? unknown : odd;
}

static int choose_unit(struct compare *compare, const struct compare_options *options, bool unreal,
		       char *why)
{
	bool known;
	const char *odd = unreal ? NULL : odd_rate(compare, &known);

	compare->unit = options->unit;
	if (unreal && (compare->unit == COMPARE_NS || compare->unit == COMPARE_CYCLES)) {
		snprintf(why, RUN_WHY, "an emulator's ticks cannot be converted to %s",
			 compare_unit_name[compare->unit]);
		return -EDOM;
	}
	if (compare->unit == COMPARE_AUTO)
		compare->unit = odd && known ? COMPARE_NS : COMPARE_TICKS;
	if (!odd || compare->unit != COMPARE_TICKS)
		return 0;
	if (known)
		return refuse(compare, options->force, why,
			      "different clocks: %.60s has another TSC rate (--unit ns)", odd);
	return refuse(compare, options->force, why, "the TSC rate of %.60s is not known", odd);
}

/* Notes in `forced` that the verdicts ignore other load. */
static void check_busy(struct compare *compare, bool force)
{
	bool busy = false;

	for (size_t i = 0; i < compare->inputs; i++)
		busy |= compare_is_busy(compare, i);
	if (force && busy)
		refuse(compare, true, NULL, "other load ran, and the runs were not taken in turn");
}

int compare_check(struct compare *compare, const struct compare_options *options, char *why)
{
	const struct run *base = compare->input[compare->base].run[0];
	bool unreal = describe_emulated(base);
	int error = check_groups(compare, why);

	for (size_t i = 0; !error && i < compare->inputs; i++) {
		for (size_t j = 0; !error && j < compare->input[i].runs; j++) {
			const struct run *run = compare->input[i].run[j];

			unreal |= describe_emulated(run);
			error = check_pair(compare, base, run, compare->input[i].label,
					   options->force, why);
		}
	}
	if (!error)
		error = choose_unit(compare, options, unreal, why);
	if (!error)
		check_busy(compare, options->force);
	return error;
}
