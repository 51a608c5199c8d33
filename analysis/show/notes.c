// SPDX-License-Identifier: GPL-2.0-or-later
#include "notes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/below.h"
#include "../describe/describe.h"
#include "../describe/guest.h"
#include "../describe/place.h"
#include "../output/table.h"
#include "../output/units.h"
#include "../stats/figures.h"
#include "../stats/repeats.h"
#include "counters.h"
#include "proof.h"
#include "shape.h"

#define LINE 512

int show_title(const struct run *run, char **text)
{
	char line[LINE], number[32];
	double hz = describe_hz(run);
	FILE *out;
	size_t size;

	out = memory_stream(text, &size);
	fprintf(out, "%s\n", describe_target(run, line, sizeof(line)));
	fprintf(out, "on %s\n", describe_host(run, line, sizeof(line)));
	if (*describe_place(run, line, sizeof(line)))
		fprintf(out, "machine: %s\n", line);
	fprintf(out, "clock: %s", describe_clock(run, line, sizeof(line)));
	if (hz > 0)
		fprintf(out, ", 1,000 ticks = %s", units_ns(number, sizeof(number), 1000, hz));
	fprintf(out, "; %s", describe_plan(run, line, sizeof(line)));
	if (*describe_settings(run, line, sizeof(line)))
		fprintf(out, "\nsettings: %s", line);
	if (*describe_resumed(run, line, sizeof(line)))
		fprintf(out, "\n%s", line);
	if (*describe_incomplete(run, line, sizeof(line)))
		fprintf(out, "\n%s", line);
	memory_end(out, text);
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* "mov_cr3(8,379)": in brackets the operation's own p50 where it does not exit. */
static void put_name(const struct run_storm *storm, FILE *out)
{
	const json_t *legs = json_object_get(storm->json, "operation"), *p50;
	char number[32];

	fputs(storm->name, out);
	p50 = json_object_get(json_object_get(json_object_get(legs, "round_trip"), "all"), "p50");
	if (json_is_number(p50))
		fprintf(out, "(%s)", units_ticks(number, sizeof(number), json_number_value(p50)));
}

/*
 * Storms with the same status, reason and guest share a line. Skipped ones may never have had a
 * guest.
 */
static bool share_line(const struct run *run, const struct run_storm *one,
		       const struct run_storm *other)
{
	return !strcmp(one->status, other->status) && same(one->why, other->why) &&
	       (!strcmp(one->status, "skipped") || describe_same_guest(run, one, other));
}

static bool listed_before(const struct run *run, size_t index, const char *status)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(run->storm[i].status, status) &&
		    share_line(run, &run->storm[i], &run->storm[index]))
			return true;
	return false;
}

/* The guest of operations without an exit, whose costs are in the line, if others had another. */
static void put_guest(const struct run *run, const struct run_storm *storm, FILE *out)
{
	bool differs = false;
	char guest[40];

	for (size_t i = 0; i < run->storms; i++)
		differs |= describe_measured(&run->storm[i]) &&
			   !describe_same_guest(run, &run->storm[i], storm);
	if (differs && !strcmp(storm->status, "no_exit") &&
	    *describe_guest(run, storm, guest, sizeof(guest)))
		fprintf(out, ", at %s", guest);
}

static bool list_status(const struct run *run, const char *status, const char *heading, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		char *why;

		if (strcmp(storm->status, status) || listed_before(run, i, status))
			continue;
		if (!any)
			fprintf(out, "%s\n", heading);
		any = true;
		fputs("  ", out);
		put_name(storm, out);
		for (size_t j = i + 1; j < run->storms; j++) {
			if (strcmp(run->storm[j].status, status) ||
			    !share_line(run, &run->storm[j], storm))
				continue;
			fputs(", ", out);
			put_name(&run->storm[j], out);
		}
		put_guest(run, storm, out);
		why = memory_text(storm->why ? storm->why : "no reason was recorded");
		fprintf(out, ": %s\n", table_clean(why));
		free(why);
	}
	return any;
}

/* Legs are of one exit, so raw VMX and SVM have none for operations that make several. */
static void note_several(const struct run *run, FILE *out)
{
	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];

		if (!describe_measured(storm) || describe_has(storm, LEG_HANDLER) ||
		    json_integer_value(json_object_get(storm->json, "exits_per_op")) < 2)
			continue;
		fputs("Missing legs: exit, handler and resume of operations that make several "
		      "exits, because legs are of one exit.\n",
		      out);
		return;
	}
}

/* On KVM, userspace stamps only the exits that reach it. */
static void note_kernel(const struct run *run, FILE *out)
{
	const char *stamps = run_string(run, "target.kernel_stamps.in");
	bool split = false, whole = false;

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];

		if (!describe_measured(storm) || !strcmp(storm->kind, "none"))
			continue;
		if (describe_has(storm, LEG_EXIT))
			split = true;
		else if (describe_main_leg(storm) == LEG_ROUND_TRIP &&
			 !describe_has(storm, LEG_IN_KERNEL))
			whole = true;
	}
	if (!whole)
		return;
	fprintf(out, "Missing legs: exit, handler and resume of %s. ",
		split ? "exits that KVM handles in the kernel" : "all storms");
	if (!strcmp(stamps, "kvm_exit"))
		fputs("The clocks of guest and host differ (a TSC that the kernel does not "
		      "trust).\n",
		      out);
	else
		fprintf(out,
			"Stamps next to the VM entry (raw VMX or SVM) or on kvm_exit and kvm_entry "
			"(%s) would give them.\n",
			*stamps ? "which this KVM does not fire"
				: "--set ebpf=on, where KVM fires them");
}

/*
 * check=host_load: the exit stores its TSC after the guest's state and before it loads the host's
 * (SDM Vol. 3, "VM Exits"), which emulators load in no time.
 */
static void note_stored(const struct run *run, FILE *out)
{
	double min = INFINITY, max = 0;

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];

		if (!describe_measured(storm) || !describe_has(storm, LEG_HOST_LOAD))
			continue;
		min = fmin(min, storm->leg[LEG_HOST_LOAD].all.min);
		max = fmax(max, storm->leg[LEG_HOST_LOAD].all.max);
	}
	if (min > max)
		return;
	fprintf(out, "check=host_load: the host's first stamp comes %.0f", min);
	if (min < max)
		fprintf(out, " to %.0f", max);
	fputs(" ticks after the TSC that the VM exit stored: loading the host's state, and the "
	      "instructions before the stamp (leg host_load).\n",
	      out);
}

/* Why legs are missing, and the setting that would give them. */
static void note_legs(const struct run *run, FILE *out)
{
	const char *stamps = run_string(run, "settings.stamps");

	if (show_note_proof(run, out))
		;
	else if (!strcmp(stamps, "off"))
		fprintf(out, "stamps=off: the mean of each batch only. --set stamps=both gives the "
			     "legs.\n");
	else if (!strcmp(stamps, "guest"))
		fprintf(out,
			"stamps=guest: round trips only. --set stamps=both also splits the exits "
			"that reach the host's stamps.\n");
	else if (!strcmp(run_string(run, "target.backend"), "kvm"))
		note_kernel(run, out);
	else
		note_several(run, out);
	note_stored(run, out);
}

static void note_recounted(const struct run *run, FILE *out)
{
	const json_t *records = run_get(run, "recounted");
	char text[32];

	if (records)
		fprintf(out,
			"Computed from the %s records that were kept: all that were measured, or "
			"an even sample.\n",
			units_ticks(text, sizeof(text), json_number_value(records)));
}

static void note_disturbed(const struct run *run, FILE *out)
{
	const struct run_storm *worst = NULL;
	double max = 0;
	u64 disturbed = 0, lost = 0, count = 0;
	char all[32], max_text[32];

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		u64 records;

		if (!describe_measured(storm))
			continue;
		records = storm->leg[describe_main_leg(storm)].all.count;
		disturbed += storm->disturbed;
		lost += storm->lost;
		count += records;
		if ((double)storm->disturbed / records > max) {
			max = (double)storm->disturbed / records;
			worst = storm;
		}
	}
	if (worst)
		fprintf(out,
			"Disturbed and kept: %s of all records, most in %s (%s). --csv also has "
			"the "
			"figures without them.\n",
			units_percent(all, sizeof(all), 100.0 * disturbed / count), worst->name,
			units_percent(max_text, sizeof(max_text), 100 * max));
	if (lost)
		fprintf(out, "Lost: %llu records whose stamps are missing or out of order.\n",
			(unsigned long long)lost);
}

/* Storms whose figure is not of undisturbed records. */
static void note_all_records(const struct run *run, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < run->storms; i++) {
		const struct run_storm *storm = &run->storm[i];
		const struct run_figure *figure;

		if (!describe_measured(storm))
			continue;
		figure = &storm->leg[describe_main_leg(storm)].figure[RUN_P50];
		if (!figure->repeats || figure->clean)
			continue;
		fprintf(out, "%s%s",
			any ? ", "
			    : "Of all records, because most repeats have no undisturbed ones: ",
			storm->name);
		any = true;
	}
	if (any)
		fputs(".\n", out);
}

/* The quantiles that stand as "-", with the number of records that would give them. */
static void note_tails(const struct run *run, FILE *out)
{
	char number[32];

	for (int quantile = RUN_P99; quantile <= RUN_P999; quantile++)
		for (size_t i = 0; i < run->storms; i++) {
			const struct run_storm *storm = &run->storm[i];

			if (!describe_measured(storm) ||
			    isfinite(figures_tail(&storm->leg[describe_main_leg(storm)], quantile)))
				continue;
			fprintf(out,
				"%s is - where most repeats have fewer than %s records of a vCPU "
				"(-n).\n",
				quantile_name[quantile],
				units_ticks(number, sizeof(number), quantile_needs(quantile)));
			break;
		}
}

static void note_figures(const struct run *run, bool interval, FILE *out)
{
	const char *control = "control: the same loop without the exiting instruction, not "
			      "subtracted.";

	if (run_get(run, "recounted")) {
		fprintf(out,
			"Ticks. p50, p99: of all records that were kept; exit, handler, resume: "
			"p50 "
			"of the leg; %s\n",
			control);
		return;
	}
	fprintf(out,
		"Ticks. p50, exit, handler, resume: the repeats' medians of undisturbed records, "
		"p99 "
		"and p99.9: their quantiles of all records; of the repeats the centre, a mean "
		"without the lowest and the highest fifth, on logarithms. %s%s\n",
		interval ? "+-%: half of its 95 % interval, with the clock's step; - for one "
			   "repeat. "
			 : "One repeat has no interval. ",
		control);
	note_all_records(run, out);
	note_tails(run, out);
}

static void note_not_known(const struct run *run, FILE *out)
{
	const json_t *files = run_get(run, "host.not_known");
	json_t *file;
	size_t i;

	json_array_foreach ((json_t *)files, i, file) {
		char line[RUN_WHY];

		snprintf(line, sizeof(line), "Not known of the host: %.400s",
			 json_is_string(file) ? json_string_value(file) : "?");
		fprintf(out, "%s\n", table_clean(line));
	}
}

static void note_below(const struct run *run, FILE *out)
{
	char line[2 * LINE];

	if (*describe_below(run, line, sizeof(line)))
		fprintf(out, "Below: %s.\n", line);
}

int show_notes(const struct run *run, char **text)
{
	bool interval = false, measured = false, listed = false;
	FILE *out;
	size_t size;

	out = memory_stream(text, &size);
	listed |= list_status(run, "no_exit", show_no_exit(run), out);
	listed |= list_status(run, "skipped", "Skipped:", out);
	listed |= list_status(run, "failed", "FAILED:", out);
	for (size_t i = 0; i < run->storms; i++) {
		if (!describe_measured(&run->storm[i]))
			continue;
		measured = true;
		interval |= isfinite(run->storm[i].leg[describe_main_leg(&run->storm[i])].ci_low);
	}
	if (measured) {
		if (listed)
			putc('\n', out);
		note_figures(run, interval, out);
	}
	note_recounted(run, out);
	note_disturbed(run, out);
	note_below(run, out);
	note_not_known(run, out);
	show_note_modes(run, out);
	show_note_first(run, out);
	show_uncounted(run, out);
	if (measured)
		note_legs(run, out);
	memory_end(out, text);
	return 0;
}
