// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm list: the storms and the settings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/output/table.h"
#include "../../results/compose.h"
#include "../machine/environment.h"
#include "../plan/settings.h"
#include "../targets/registry.h"
#include "../targets/tested.h"
#include "choose.h"
#include "options.h"
#include "request.h"

#define VALUES_WIDTH 30 /* columns of a setting's words in the table */

struct list_options {
	const char *target, *storms;
	bool all, settings, json;
};

static const struct cli_option options[] = {
	{.letter = 't',
	 .name = "target",
	 .value = "TARGET",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct list_options, target),
	 .complete = COMPLETE_TARGETS,
	 .text = "the target to list for; default: the best one that this machine has"},
	CHOOSE_ROW(struct list_options, storms),
	{.letter = 'a',
	 .name = "all",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct list_options, all),
	 .text = "also the storms that cannot run here, with the reason, and the settings of other "
		 "targets"},
	{.name = "settings",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct list_options, settings),
	 .text = "list the settings instead of the storms"},
	{.name = "json",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct list_options, json),
	 .text = "print storms and settings as JSON"},
	{},
};

static const struct {
	u32 need;
	const char *name, *text;
} needs[] = {
	{NEED_CPL0, "cpl0", "at CPL 0"},
	{NEED_CPL3, "cpl3", "at CPL 3"},
	{NEED_IRQCHIP, "irqchip", "with an interrupt controller"},
	{NEED_NO_IRQCHIP, "no_irqchip", "without an interrupt controller"},
	{NEED_X2APIC, "x2apic", "in x2APIC mode"},
	{NEED_PAIR, "pair", "between two vCPUs"},
	{NEED_VCPUS, "vcpus", "on two vCPUs and more"},
	{NEED_RAW, "raw", "on raw VMX and SVM only"},
	{NEED_VMX, "vmx", "on raw VMX only"},
	{NEED_SVM, "svm", "on raw SVM only"},
	{NEED_OTHER_CPU, "other_cpu", "with a CPU beside the vCPU's"},
	{NEED_IN_PLACE, "in_place", "in place only (-t guest)"},
	{BASELINE, "baseline", "a baseline, which must not exit"},
};
#define NEEDS (sizeof(needs) / sizeof(needs[0]))

/* "" where the storm can be tried here; whether it then exits is found at run time. */
static void why_not(const struct target *target, const struct plan *plan, const char *no_target,
		    const struct storm *storm, char *why)
{
	why[0] = 0;
	if (!target)
		snprintf(why, HV_WHY, "%s", no_target);
	else if (!target->available(plan, storm, why))
		why[0] = 0;
}

static void describe(char *text, size_t size, const struct storm *storm, const char *why)
{
	size_t used = snprintf(text, size, "%s: %s", exit_kind_name(storm->kind), storm->text);

	for (size_t i = 0; i < NEEDS && used < size; i++)
		if (storm->needs & needs[i].need)
			used += snprintf(text + used, size - used, "; %s", needs[i].text);
	if (storm->peer && used < size)
		used += snprintf(text + used, size - used, " (kvm-unit-tests: %s)", storm->peer);
	if (!storm_tested(storm) && used < size)
		used += snprintf(text + used, size - used, " - untested");
	if (*why && used < size)
		snprintf(text + used, size - used, "%s NOT HERE: %s",
			 storm_tested(storm) ? " -" : ",", why);
}

static bool is_listed(const struct list_options *chosen, const struct storm *storm)
{
	return !chosen->storms || choose_wants((void *)chosen->storms, storm->name);
}

static void add_storm(struct table *table, const struct storm *storm, const char *why)
{
	char text[2 * HV_WHY + 256];

	describe(text, sizeof(text), storm, why);
	table_row(table);
	table_cell(table, "%s", storm->name);
	table_cell(table, "%s", text);
}

/* Without a target there is one reason for all storms, and the list has them all. */
static void note_target(struct table *table, const struct target *target, u32 count, u32 here,
			bool complete, const char *no_target)
{
	if (!target)
		table_note(table, "%u storms, none can be tried here: %s", count, no_target);
	else
		table_note(table,
			   "%u storms, %u can be tried here on target %s%s. Whether an operation "
			   "then exits is found by the run.",
			   count, here, target->name,
			   here < count && !complete ? "; --all has the others, with the reason"
						     : "");
}

static int print_storms(const struct target *target, const struct plan *plan, const char *no_target,
			const struct list_options *chosen)
{
	u32 count = 0, here = 0, untested = 0;
	struct table *table = table_new(NULL);
	char why[HV_WHY];

	if (!table)
		return cli_fail("no memory");
	table_column(table, "storm", false);
	table_column(table, "exit kind: what it does", false);
	for (u32 i = 0; i < storm_count; i++) {
		if (!is_listed(chosen, &storms[i]))
			continue;
		why_not(target, plan, "", &storms[i], why);
		count++;
		here += target && !*why;
		/* A storm that is asked for by name or pattern is shown in any case. */
		if (*why && !chosen->all && !chosen->storms)
			continue;
		untested += !storm_tested(&storms[i]);
		add_storm(table, &storms[i], why);
	}
	note_target(table, target, count, here, chosen->all || chosen->storms, no_target);
	if (untested)
		table_note(table, "%u are untested: no test run has executed them so far.",
			   untested);
	if (table_print(table, stdout, TABLE_TEXT, cli_width())) {
		table_free(table);
		return cli_fail("no memory");
	}
	table_free(table);
	return STATUS_OK;
}

static json_t *tested_json(const struct storm *storm)
{
	const char *beds = storm_tested(storm);
	json_t *list = json_array();

	while (beds && *beds) {
		size_t length = strcspn(beds, " ");

		compose_add(list, compose_format("%.*s", (int)length, beds));
		beds += length + (beds[length] == ' ');
	}
	return list;
}

static json_t *storm_json(const struct storm *storm, const char *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < NEEDS; i++)
		if (storm->needs & needs[i].need)
			compose_add(list, compose_text(needs[i].name));
	return compose_pack("{s:s, s:s, s:s, s:s?, s:b, s:o, s:o, s:b, s:o}", "name", storm->name,
			    "kind", exit_kind_name(storm->kind), "text", storm->text, "peer",
			    storm->peer, "userspace", (int)storm->user, "needs", list, "tested",
			    tested_json(storm), "available", !*why, "why",
			    *why ? compose_text(why) : json_null());
}

/* The range of a setting that is a number; null: its values are words. */
static json_t *number_json(enum setting setting)
{
	if (!setting_unit(setting))
		return json_null();
	return compose_pack("{s:i, s:I, s:s}", "min", 0, "max", (json_int_t)setting_max(setting),
			    "unit", setting_unit(setting));
}

static json_t *setting_json(int setting)
{
	json_t *values = json_array();
	char word[SETTING_WORD];

	for (unsigned int i = 0; setting_word(setting, i, word, sizeof(word)); i++)
		compose_add(values, compose_text(word));
	return compose_pack("{s:s, s:s, s:s, s:o, s:o}", "name", setting_name(setting), "text",
			    setting_text(setting), "default",
			    setting_unit(setting) ? "0"
						  : setting_word(setting, 0, word, sizeof(word)),
			    "values", values, "number", number_json(setting));
}

static int print_json(const struct target *target, const struct plan *plan, const char *no_target,
		      const struct list_options *chosen)
{
	json_t *list = json_array(), *settings = json_array(), *all;
	char why[HV_WHY], *text;

	for (u32 i = 0; i < storm_count; i++) {
		if (!is_listed(chosen, &storms[i]))
			continue;
		why_not(target, plan, no_target, &storms[i], why);
		compose_add(list, storm_json(&storms[i], why));
	}
	for (int i = 0; i < SETTINGS; i++)
		if (chosen->all || !target || setting_taken(i, target->bit))
			compose_add(settings, setting_json(i));
	all = compose_pack("{s:s, s:s?, s:o, s:o}", "schema", "exitstorm-list/1", "target",
			   target ? target->name : NULL, "storms", list, "settings", settings);
	text = compose_print(all, JSON_INDENT(2));
	puts(text);
	free(text);
	json_decref(all);
	return STATUS_OK;
}

/* A row for each VALUES_WIDTH columns of words, so that the last column keeps room for the text. */
static void add_setting(struct table *table, enum setting setting)
{
	const char *words = setting_values(setting), *name = setting_name(setting);
	const char *text = setting_text(setting);

	do {
		size_t length = strlen(words);

		if (length > VALUES_WIDTH) {
			for (length = VALUES_WIDTH; length && words[length - 1] != '|'; length--)
				;
			if (!length) /* one long word */
				length = strcspn(words, "|");
		}
		table_row(table);
		table_cell(table, "%s", name);
		table_cell(table, "%.*s", (int)length, words);
		table_cell(table, "%s", text);
		words += length;
		name = text = "";
	} while (*words);
}

static int print_settings(const struct target *target, bool all)
{
	struct table *table = table_new(NULL);

	if (!table)
		return cli_fail("no memory");
	table_column(table, "setting", false);
	table_column(table, "values", false);
	table_column(table, "what it does", false);
	for (int i = 0; i < SETTINGS; i++) {
		if (all || !target || setting_taken(i, target->bit))
			add_setting(table, i);
	}
	table_note(
		table,
		"The first value is the default. 0..N: any number in this range, 0 is the default. "
		"run --set KEY=VALUE takes one, run --vary "
		"KEY=V1,V2 compares.");
	table_print(table, stdout, TABLE_TEXT, cli_width());
	table_free(table);
	return STATUS_OK;
}

static int list(int argc, char **argv)
{
	struct list_options chosen = {0};
	int status = options_parse(&cmd_list, argc, argv, &chosen);
	const struct target *target;
	char no_target[HV_WHY] = "";
	struct plan plan;

	if (status != OPTIONS_PARSED)
		return status;
	status = chosen.storms ? choose_check_storms(chosen.storms) : STATUS_OK;
	if (status != STATUS_OK)
		return status;
	/* Listing for bare metal needs nothing of this machine. */
	if (chosen.target && target_find(chosen.target) == &target_metal)
		target = &target_metal;
	else if (chosen.target)
		target = request_target(chosen.target, &status);
	else
		target = target_default(no_target); /* NULL: the list says that none is usable */
	if (status != STATUS_OK)
		return status;
	plan_defaults(&plan);
	plan.cpu_count = environment_cpus(plan.cpu, PLAN_MAX_CPUS);
	if (chosen.json)
		return print_json(target, &plan, no_target, &chosen);
	return chosen.settings ? print_settings(target, chosen.all)
			       : print_storms(target, &plan, no_target, &chosen);
}

const struct command cmd_list = {
	.name = "list",
	.usage = "[OPTION...]",
	.text = "list the storms and the settings",
	.options = options,
	.run = list,
};
