// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm list: the storms and the settings. */
#include <stdio.h>
#include <string.h>

#include "../../analysis/output/table.h"
#include "../machine/environment.h"
#include "../plan/settings.h"
#include "../targets/registry.h"
#include "request.h"

enum { OPTION_SETTINGS = 256, OPTION_JSON };

static const struct option options[] = {
	CLI_HELP,
	{"target", required_argument, NULL, 't'},
	{"settings", no_argument, NULL, OPTION_SETTINGS},
	{"json", no_argument, NULL, OPTION_JSON},
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
	{BASELINE, "baseline", "a baseline, not to exit"},
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
	if (*why && used < size)
		snprintf(text + used, size - used, " - NOT HERE: %s", why);
}

static int print_storms(const struct target *target, const struct plan *plan, const char *no_target)
{
	struct table *table = table_new(NULL);
	char why[HV_WHY], text[2 * HV_WHY + 256];
	u32 here = 0;

	if (!table)
		return cli_fail("no memory");
	table_column(table, "storm", false);
	table_column(table, "exit kind: what it does", false);
	for (u32 i = 0; i < storm_count; i++) {
		/* All of them would say the same. */
		why_not(target, plan, "", &storms[i], why);
		here += target && !*why;
		describe(text, sizeof(text), &storms[i], why);
		table_row(table);
		table_cell(table, "%s", storms[i].name);
		table_cell(table, "%s", text);
	}
	if (target)
		table_note(
			table,
			"%u storms, %u can be tried here on target %s. Whether an operation then "
			"exits is found by the run.",
			storm_count, here, target->name);
	else
		table_note(table, "%u storms, none can be tried here: %s", storm_count, no_target);
	if (table_print(table, stdout, TABLE_TEXT, cli_width())) {
		table_free(table);
		return cli_fail("no memory");
	}
	table_free(table);
	return STATUS_OK;
}

static json_t *storm_json(const struct storm *storm, const char *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < NEEDS; i++)
		if (storm->needs & needs[i].need)
			json_array_append_new(list, json_string(needs[i].name));
	return json_pack("{s:s, s:s, s:s, s:s?, s:b, s:o, s:b, s:o}", "name", storm->name, "kind",
			 exit_kind_name(storm->kind), "text", storm->text, "peer", storm->peer,
			 "userspace", (int)storm->user, "needs", list, "available", !*why, "why",
			 *why ? json_string(why) : json_null());
}

static json_t *setting_json(int setting)
{
	json_t *values = json_array();
	char word[SETTING_WORD];

	for (unsigned int i = 0; setting_word(setting, i, word, sizeof(word)); i++)
		json_array_append_new(values, json_string(word));
	return json_pack("{s:s, s:s, s:o, s:o}", "name", setting_name(setting), "text",
			 setting_text(setting), "default", json_incref(json_array_get(values, 0)),
			 "values", values);
}

static int print_json(const struct target *target, const struct plan *plan, const char *no_target)
{
	json_t *list = json_array(), *settings = json_array(), *all;
	char why[HV_WHY];
	int err;

	for (u32 i = 0; i < storm_count; i++) {
		why_not(target, plan, no_target, &storms[i], why);
		json_array_append_new(list, storm_json(&storms[i], why));
	}
	for (int i = 0; i < SETTINGS; i++)
		if (!target || setting_taken(i, target->bit))
			json_array_append_new(settings, setting_json(i));
	all = json_pack("{s:s, s:s?, s:o, s:o}", "schema", "exitstorm-list/1", "target",
			target ? target->name : NULL, "storms", list, "settings", settings);
	err = all ? json_dumpf(all, stdout, JSON_INDENT(2)) : -1;
	putchar('\n');
	json_decref(all);
	/* What was not written is found when the output is closed. */
	return err && !ferror(stdout) ? cli_fail("no memory") : STATUS_OK;
}

static int print_settings(const struct target *target)
{
	struct table *table = table_new(NULL);

	if (!table)
		return cli_fail("no memory");
	table_column(table, "setting", false);
	table_column(table, "values", false);
	table_column(table, "what it does", false);
	for (int i = 0; i < SETTINGS; i++) {
		if (target && !setting_taken(i, target->bit))
			continue;
		table_row(table);
		table_cell(table, "%s", setting_name(i));
		table_cell(table, "%s", setting_values(i));
		table_cell(table, "%s", setting_text(i));
	}
	table_note(table,
		   "The first value is the default. run --set KEY=VALUE takes one, run --vary "
		   "KEY=V1,V2 compares.");
	table_print(table, stdout, TABLE_TEXT, cli_width());
	table_free(table);
	return STATUS_OK;
}

static int list(int argc, char **argv)
{
	const char *name = NULL;
	const struct target *target;
	bool settings = false, json = false;
	char no_target[HV_WHY] = "";
	struct plan plan;
	int option, status = STATUS_OK;

	while ((option = cli_option(&cmd_list, argc, argv, "t:", options, &status)) != -1) {
		switch (option) {
		case 't':
			name = optarg;
			break;
		case OPTION_SETTINGS:
			settings = true;
			break;
		case OPTION_JSON:
			json = true;
			break;
		default:
			return status;
		}
	}
	if (optind < argc)
		return cli_usage(&cmd_list, "'%s' is not an option", argv[optind]);
	/* Without a usable target there is still a list, of what would be there. */
	if (name && target_find(name) == &target_metal)
		target = &target_metal; /* nothing need be here for it */
	else if (name)
		target = request_target(&cmd_list, name, &status);
	else
		target = target_default(no_target);
	if (status != STATUS_OK)
		return status;
	plan_defaults(&plan);
	plan.cpu_count = environment_cpus(plan.cpu, PLAN_MAX_CPUS);
	if (json)
		return print_json(target, &plan, no_target);
	return settings ? print_settings(target) : print_storms(target, &plan, no_target);
}

const struct command cmd_list = {
	.name = "list",
	.usage = "[-t TARGET] [--settings] [--json]",
	.text = "name the storms and the settings",
	.help = "  -t, --target NAME  where they are to run; default: what this machine has\n"
		"      --settings     the settings instead of the storms\n"
		"      --json         both, for programs\n",
	.run = list,
};
