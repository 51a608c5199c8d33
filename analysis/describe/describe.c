// SPDX-License-Identifier: GPL-2.0-or-later
#include "describe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../results/why.h"
#include "../output/table.h"
#include "../output/units.h"

/* In CPUs. Timers and daemons of an idle machine take about a tenth of this. */
#define BUSY	   0.25
#define RATE_ERROR 1e-4 /* relative, of a measured TSC rate */

double describe_number(const struct run *run, const char *path)
{
	const json_t *value = run_get(run, path);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool describe_emulated(const struct run *run)
{
	const char *clock = run_string(run, "target.clock");

	return json_is_true(run_get(run, "target.emulated")) || (*clock && strcmp(clock, "tsc"));
}

double describe_hz(const struct run *run)
{
	double hz = describe_number(run, "host.cpu.tsc_hz");

	/* A damaged run may hold any number; no TSC has a rate outside of these bounds. */
	return !describe_emulated(run) && hz >= 1e6 && hz <= 1e12 ? hz : 0;
}

bool describe_same_rate(double hz, double other)
{
	return fabs(hz - other) <= RATE_ERROR * other;
}

double describe_others(const struct run *run)
{
	double near = describe_number(run, "meanwhile.measured.others") +
		      describe_number(run, "meanwhile.measured.stolen");

	if (!isnan(near))
		return near;
	return describe_number(run, "meanwhile.others") + describe_number(run, "meanwhile.stolen");
}

bool describe_busy(const struct run *run)
{
	/* An emulator that counts instructions is not disturbed by other load. */
	return strcmp(run_string(run, "target.clock"), "instructions") &&
	       describe_others(run) > BUSY;
}

char *describe_kernel(const struct run *run, char *text, size_t size)
{
	double error = describe_number(run, "target.kernel_stamps.error");
	double missed = describe_number(run, "target.kernel_stamps.missed");

	text[0] = '\0';
	if (isnan(error))
		return text;
	why_append(text, size, "kernel's stamps: %s, %s; %s, +-%.0f ticks",
		   run_string(run, "target.kernel_stamps.in"),
		   run_string(run, "target.kernel_stamps.out"),
		   run_string(run, "target.kernel_stamps.clock"), error);
	if (missed > 0)
		why_append(text, size, "; the kernel skipped %.0f calls of the programs", missed);
	return text;
}

const char *describe_boot(const struct run *run)
{
	const char *boot = run_string(run, "host.boot_id");

	return !*boot && !strcmp(run_string(run, "target.name"), "metal") ? run->path : boot;
}

char *describe_name(const struct run *run, char *text, size_t size)
{
	const char *path = run->path, *slash;
	size_t length = strlen(path);

	/* "runs/a/" is named like "runs/a". */
	while (length > 1 && path[length - 1] == '/')
		length--;
	for (slash = path + length; slash > path && slash[-1] != '/';)
		slash--;
	snprintf(text, size, "%s", slash);
	text[strcspn(text, "/")] = '\0';
	return text;
}

static bool is_small(double number)
{
	return number >= 0 && number < 4096;
}

char *describe_host(const struct run *run, char *text, size_t size)
{
	const char *brand = run_string(run, "host.cpu.brand");
	const char *codename = run_string(run, "host.cpu.codename");
	const char *below = run_string(run, "host.hypervisor");
	double family = describe_number(run, "host.cpu.family");
	double model = describe_number(run, "host.cpu.model");
	double stepping = describe_number(run, "host.cpu.stepping");

	text[0] = '\0';
	why_append(text, size, "%s", *brand ? brand : "unknown CPU");
	if (*codename)
		why_append(text, size, ", %s", codename);
	if (is_small(family) && is_small(model) && is_small(stepping))
		why_append(text, size, " (%02x-%02x-%02x)", (unsigned int)family,
			   (unsigned int)model, (unsigned int)stepping);
	if (*below && strcmp(below, "none"))
		why_append(text, size, ", under %s", below);
	return table_clean(text);
}

char *describe_clock(const struct run *run, char *text, size_t size)
{
	static const struct {
		const char *clock, *text;
	} unreal[] = {
		{"instructions", "EMULATED: one tick is one instruction, not time"},
		{"emulated-tsc", "EMULATED TSC: ticks of an emulator, not of hardware"},
	};
	const char *clock = run_string(run, "target.clock");
	double hz = describe_hz(run);

	for (size_t i = 0; i < sizeof(unreal) / sizeof(*unreal); i++) {
		if (!strcmp(clock, unreal[i].clock)) {
			snprintf(text, size, "%s", unreal[i].text);
			return text;
		}
	}
	if (describe_emulated(run))
		snprintf(text, size, "EMULATED clock (%s)", *clock ? clock : "unknown");
	else if (hz > 0)
		snprintf(text, size, "TSC at %.3f GHz", hz / 1e9);
	else
		snprintf(text, size, "TSC, frequency unknown");
	return table_clean(text);
}

char *describe_plan(const struct run *run, char *text, size_t size)
{
	double exits = describe_number(run, "plan.exits");
	double repeats = describe_number(run, "plan.repeats");
	double vcpus = describe_number(run, "plan.vcpus");
	char number[32];

	text[0] = '\0';
	why_append(text, size, "n = %s x %.0f repeat%s", units_ticks(number, sizeof(number), exits),
		   isnan(repeats) ? 0 : repeats, repeats == 1 ? "" : "s");
	if (!isnan(vcpus))
		why_append(text, size, ", %.0f vCPU%s", vcpus, vcpus == 1 ? "" : "s");
	return table_clean(text);
}

char *describe_settings(const struct run *run, char *text, size_t size)
{
	const json_t *settings = run_get(run, "settings");
	const char *key;
	json_t *value;

	text[0] = '\0';
	json_object_foreach ((json_t *)settings, key, value) {
		const char *word = json_string_value(value);

		if (word && strcmp(word, "auto"))
			why_append(text, size, "%s%s=%s", *text ? " " : "", key, word);
	}
	return table_clean(text);
}

char *describe_incomplete(const struct run *run, char *text, size_t size)
{
	const char *incomplete = run_string(run, "incomplete");

	*text = '\0';
	if (run_interrupted(run))
		snprintf(text, size,
			 "INTERRUPTED at %.40s: %.0f of %.0f storms are complete, %.0f of %.0f "
			 "repeats",
			 run_string(run, "interrupted.at"),
			 describe_number(run, "interrupted.complete"),
			 describe_number(run, "interrupted.storms"),
			 describe_number(run, "interrupted.repeats_done"),
			 describe_number(run, "interrupted.repeats"));
	if (*incomplete)
		why_append(text, size, "%sINCOMPLETE: %s", *text ? "; " : "", incomplete);
	return table_clean(text);
}

char *describe_resumed(const struct run *run, char *text, size_t size)
{
	const json_t *resumed = run_get(run, "resumed");

	*text = '\0';
	for (size_t i = 0; i < json_array_size(resumed); i++) {
		const json_t *one = json_array_get(resumed, i);
		const char *at = json_string_value(json_object_get(one, "at"));

		why_append(text, size, "%s%.40s%s", i ? ", " : "was interrupted, and resumed at ",
			   at ? at : "",
			   json_is_true(json_object_get(one, "rebooted")) ? " after a reboot" : "");
	}
	return table_clean(text);
}

bool describe_has(const struct run_storm *storm, enum leg leg)
{
	return storm->leg[leg].site && storm->leg[leg].all.count;
}

bool describe_measured(const struct run_storm *storm)
{
	return !strcmp(storm->status, "measured") && describe_main_leg(storm) != LEGS;
}

enum leg describe_main_leg(const struct run_storm *storm)
{
	static const enum leg order[] = {LEG_ROUND_TRIP, LEG_GUEST_VISIT, LEG_ENTRY_FAIL,
					 LEG_PERIOD};
	const char *site = storm->leg[LEG_HANDLER].site;

	/* A trace has no round trip: its figure is the time from kvm_exit to kvm_entry. */
	if (describe_has(storm, LEG_HANDLER) && !strcmp(site, "kvm-tracepoint") &&
	    !describe_has(storm, LEG_ROUND_TRIP))
		return LEG_HANDLER;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (describe_has(storm, order[i]))
			return order[i];
	return LEGS;
}

double describe_control(const struct run_storm *storm)
{
	const json_t *control = json_object_get(storm->json, "control"), *ticks;
	enum leg leg = describe_main_leg(storm);

	/* The control loop has no exits, so it is comparable with these two legs only. */
	if (leg != LEG_PERIOD && leg != LEG_ROUND_TRIP)
		return NAN;
	ticks = json_object_get(control, leg_name[leg]);
	return json_is_number(ticks) ? json_number_value(ticks) : NAN;
}
