// SPDX-License-Identifier: GPL-2.0-or-later
#include "methods.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/below.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../describe/place.h"
#include "../describe/proof.h"
#include "../output/table.h"
#include "../output/units.h"
#include "proof.h"

#define LINE 512

struct totals {
	size_t measured, no_exit, skipped, failed;
	u64 records, disturbed, lost;
	bool interval, host_stamps, guest_stamps;
};

static struct totals totals_of(const struct run *run)
{
	struct totals totals = {0};

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		enum leg main = describe_main_leg(storm);

		totals.no_exit += !strcmp(storm->status, "no_exit");
		totals.skipped += !strcmp(storm->status, "skipped");
		totals.failed += !strcmp(storm->status, "failed");
		if (!describe_measured(storm))
			continue;
		totals.measured++;
		totals.records += storm->leg[main].all.count;
		totals.disturbed += storm->disturbed;
		totals.lost += storm->lost;
		totals.interval |= isfinite(storm->leg[main].ci_low);
		totals.guest_stamps |= describe_has(storm, LEG_ROUND_TRIP);
		totals.host_stamps |=
			describe_has(storm, LEG_HANDLER) || describe_has(storm, LEG_GUEST_VISIT);
	}
	return totals;
}

static void say_machine(const struct run *run, FILE *out)
{
	const char *version = run_string(run, "tool.version");
	const char *commit = run_string(run, "tool.commit");
	const char *kernel = run_string(run, "host.kernel");
	const json_t *microcode = run_get(run, "host.cpu.microcode");
	char line[2 * LINE];

	fprintf(out, "Exit costs were measured with exitstorm%s%s", *version ? " " : "", version);
	if (*commit)
		fprintf(out, " (commit %s)", commit);
	fprintf(out, " on %s", describe_host(run, line, sizeof(line)));
	if (json_is_string(microcode))
		fprintf(out, ", microcode %s", json_string_value(microcode));
	else if (json_is_integer(microcode))
		fprintf(out, ", microcode 0x%llx",
			(unsigned long long)json_integer_value(microcode));
	if (*kernel)
		fprintf(out, ", kernel %s", kernel);
	fprintf(out, "; %s. ", describe_target(run, line, sizeof(line)));
	if (*describe_place(run, line, sizeof(line)))
		fprintf(out, "The machine: %s. ", line);
	if (*describe_below(run, line, sizeof(line)))
		fprintf(out, "The hypervisor below, as the machine sees it: %s. ", line);
	if (*describe_incomplete(run, line, sizeof(line)))
		fprintf(out, "%s. ", line);
}

static void say_plan(const struct run *run, const struct totals *totals, FILE *out)
{
	double exits = describe_number(run, "plan.exits");
	double repeats = describe_number(run, "plan.repeats");
	double warmup = describe_number(run, "plan.warmup");
	double vcpus = describe_number(run, "plan.vcpus");
	const json_t *cpus = run_get(run, "plan.cpus");
	size_t pinned = json_array_size(cpus);
	char number[32], line[LINE];

	fprintf(out,
		"Each of %zu storms, loops in a guest that provoke one kind of VM exit again and "
		"again, ",
		totals->measured);
	fprintf(out, "was run %.0f time%s, each time %s on fresh memory", repeats > 0 ? repeats : 0,
		repeats == 1 ? "" : "s",
		describe_in_place(run) ? "in a new thread" : "in a fresh VM");
	if (vcpus > 0)
		fprintf(out, " with %.0f vCPU%s", vcpus, vcpus == 1 ? "" : "s, one thread each");
	/* plan.cpus may name more CPUs than there were vCPUs. */
	if (vcpus > 0 && pinned > vcpus)
		pinned = vcpus;
	if (pinned) {
		fprintf(out, ", pinned to host CPU%s ", pinned == 1 ? "" : "s");
		for (size_t i = 0; i < pinned; i++)
			fprintf(out, "%s%lld", i ? ", " : "",
				(long long)json_integer_value(json_array_get(cpus, i)));
	}
	fprintf(out, ", for %s operations per vCPU", units_ticks(number, sizeof(number), exits));
	if (warmup > 0)
		fprintf(out, " after %s of warm-up", units_ticks(number, sizeof(number), warmup));
	fprintf(out, ". ");
	if (*describe_settings(run, line, sizeof(line)))
		fprintf(out, "Settings: %s. ", line);
}

static const char *fence_text(const struct run *run)
{
	static const struct {
		const char *word, *text;
	} fences[] = {
		{"lfence", "between two LFENCE instructions"},
		{"mfence", "between two MFENCE instructions"},
		{"none", "without fences"},
	};
	const char *fence = run_string(run, "settings.fence");

	for (size_t i = 0; i < sizeof(fences) / sizeof(*fences); i++)
		if (!strcmp(fence, fences[i].word))
			return fences[i].text;
	return "with the default fences";
}

static void say_clock(const struct run *run, const struct totals *totals, FILE *out)
{
	double granularity = describe_number(run, "target.clock_granularity");
	double hz = describe_hz(run);
	char line[LINE];

	fprintf(out, "The clock is: %s", describe_clock(run, line, sizeof(line)));
	if (granularity > 0)
		fprintf(out, ", granularity %.0f tick%s", granularity, granularity == 1 ? "" : "s");
	fprintf(out, "; figures are in its ticks%s. ", hz > 0 ? ", which are not core cycles" : "");
	if (totals->guest_stamps)
		fprintf(out,
			"The guest read it by RDTSC %s right before and after each operation. ",
			fence_text(run));
	else
		fprintf(out,
			"The guest read no clock around single operations (stamps=off): figures "
			"are the means of batches. ");
	if (totals->host_stamps)
		fprintf(out,
			"The host read it by RDTSC after each exit that reached it, and by LFENCE; "
			"RDTSC before each entry. ");
}

static void say_statistics(const struct totals *totals, FILE *out)
{
	char text[32];

	fprintf(out,
		"Quantiles are taken from histograms that are exact below 1,024 ticks and whose "
		"buckets are at most 0.1 %% wide above, interpolated by mid-distribution. The "
		"figure of a storm is the centre of its repeats, which are the unit of inference: "
		"the mean of the logarithms of the repeats' medians of undisturbed records, "
		"without "
		"the lowest and the highest fifth; p99 and p99.9 are the same centre of the "
		"repeats' quantiles of all records. ");
	if (totals->interval)
		fprintf(out, "The 95 %% interval is that of a trimmed mean (Tukey and McLaughlin), "
			     "widened by the error that the clock's step allows. ");
	else
		fprintf(out, "A single repeat has no confidence interval. ");
	fprintf(out, "No record was left out for being slow or fast");
	if (totals->records)
		fprintf(out,
			"; %s were seen to be disturbed (another exit, an interrupt, a "
			"context switch); they are part of p99, p99.9 and the maximum, and of the "
			"medians of "
			"a storm most of whose repeats have no others",
			units_percent(text, sizeof(text),
				      100.0 * totals->disturbed / totals->records));
	if (totals->lost)
		fprintf(out, "; %llu had stamps missing or out of order and give no figure",
			(unsigned long long)totals->lost);
	fprintf(out,
		". Control loops without the exiting instruction and empty pairs of stamps were "
		"measured in the same run and are reported beside the figures, not subtracted.");
}

/* Other load on the machine, and whether runs were taken in turn. */
static void say_other_load(const struct run *run, FILE *out)
{
	double others = describe_others(run);

	if (isfinite(others) && others >= 0 && others < 1e6)
		fprintf(out, " Other load took %.2f CPUs of the %s on average during the run.",
			others,
			isnan(describe_number(run, "meanwhile.measured.others"))
				? "machine"
				: "measured CPUs and their siblings");
	if (*run_string(run, "in_turn"))
		fprintf(out, " Its repeats were taken in turn with those of runs that differ in "
			     "one setting.");
}

static void say_exclusions(const struct run *run, const struct totals *totals, FILE *out)
{
	bool in_place = describe_in_place(run);
	const struct {
		size_t count;
		const char *text;
	} part[] = {
		{totals->no_exit, in_place ? "may not exit here" : "made no exit here"},
		{totals->skipped, "could not run here"},
		{totals->failed, "failed"},
	};
	const char *before = " Without a figure: ";

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		if (!part[i].count)
			continue;
		fprintf(out, "%s%zu storm%s that %s", before, part[i].count,
			part[i].count == 1 ? "" : "s", part[i].text);
		before = ", ";
	}
	if (before[0] == ',')
		putc('.', out);
}

int show_methods(const struct run *run, FILE *out, int width)
{
	struct totals totals = totals_of(run);
	char *text = NULL;
	size_t size;
	FILE *stream = memory_stream(&text, &size);

	say_machine(run, stream);
	say_plan(run, &totals, stream);
	say_clock(run, &totals, stream);
	show_say_proof(run, stream);
	say_statistics(&totals, stream);
	say_other_load(run, stream);
	say_exclusions(run, &totals, stream);
	memory_end(stream, &text);
	table_wrap(out, table_clean(text), width, 0);
	free(text);
	return 0;
}
