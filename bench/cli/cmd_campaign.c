// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm campaign: one plan over many hosts. */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/output/table.h"
#include "../../analysis/output/units.h"
#include "../../results/memory.h"
#include "../campaign/engine.h"
#include "../campaign/work.h"

struct campaign_values {
	const char *place;
	int engine;
	bool dry_run;
	u64 width;
};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "ACTION FILE [TASK]",
	 .min = 2,
	 .max = 3,
	 .complete = COMPLETE_FILE,
	 .text = "plan FILE: print the tasks of a plan, and the time they may take\n"
		 "run FILE TASK: do one task, by its number or as PLACE:NUMBER\n"
		 "local FILE: do the tasks of this host, one after the other\n"
		 "submit FILE: hand the tasks that are not done to --engine\n"
		 "status DIR: print which runs are there, missing, or failed and why"},
	{.letter = 'e',
	 .name = "engine",
	 .value = "ENGINE",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct campaign_values, engine),
	 .words = engine_name,
	 .word_count = ENGINES,
	 .text = "of submit: slurm (default) submits job arrays, k8s prints the manifest of jobs "
		 "for 'kubectl apply -f -', ssh prints lines for pdsh, clush and parallel"},
	{.name = "dry-run",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct campaign_values, dry_run),
	 .text = "of submit: print the scripts that slurm would get"},
	{.name = "place",
	 .value = "PLACE",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct campaign_values, place),
	 .text = "of local: the tasks of this host, or set of hosts without names, of the plan "
		 "(default: this host's name; where the plan names no hosts, all)"},
	{.letter = 'w',
	 .name = "width",
	 .value = "COLUMNS",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct campaign_values, width),
	 .min = 40,
	 .max = 10000,
	 .text = "width of tables (default: the terminal's, else 80)"},
	{},
};

/* "3 d 4 h" is more than is known. */
static const char *duration(char *text, size_t size, double minutes)
{
	return units_duration(text, size, minutes * 60);
}

static int print_table(struct table *table, u64 width)
{
	int error = table_print(table, stdout, TABLE_TEXT, width);

	table_free(table);
	return cli_finish(error ? cli_fail("no memory") : STATUS_OK);
}

static int print_plan(const struct campaign *campaign, const struct campaign_values *chosen)
{
	struct table *table = table_new(NULL);
	double *minutes = memory_new(campaign->places, sizeof(*minutes)), longest = 0;
	char text[64];

	table_column(table, "task", true);
	table_column(table, "round", true);
	table_column(table, "place", false);
	table_column(table, "number", true);
	table_column(table, "variant", false);
	for (size_t i = 0; i < campaign->tasks; i++) {
		const struct campaign_task *task = &campaign->task[i];
		const struct campaign_place *place = &campaign->place[task->place];

		table_row(table);
		table_cell(table, "%zu", i);
		table_cell(table, "%u", task->round);
		table_cell(table, "%s", place->name);
		table_cell(table, "%zu", task->index);
		table_cell(table, "%s", campaign->variant[task->variant].name);
		minutes[task->place] += (double)campaign_limit(campaign, task) / place->slots;
	}
	for (size_t i = 0; i < campaign->places; i++)
		longest = minutes[i] > longest ? minutes[i] : longest;
	free(minutes);
	table_note(table,
		   "%zu tasks at %zu places, at most %s by their limits if all places work "
		   "at the same time.",
		   campaign->tasks, campaign->places, duration(text, sizeof(text), longest));
	table_note(table, "The runs go to %s.", campaign->runs);
	return print_table(table, chosen->width);
}

static int do_task(const struct campaign *campaign, const struct campaign_task *task)
{
	char why[RUN_WHY], *path, *name = campaign_task_name(campaign, task);
	int error = work_run(campaign, task, &path, why);

	if (error)
		cli_fail("%s: %s", name, why);
	else
		printf("%s\n", path);
	free(path);
	free(name);
	return error ? STATUS_FAILED : STATUS_OK;
}

static int run_task(const struct campaign *campaign, const char *text)
{
	char why[RUN_WHY];
	const struct campaign_task *task = campaign_find(campaign, text, why);

	return task ? do_task(campaign, task) : cli_usage("%s", why);
}

/* Is `name` that of this host, with or without its domain? */
static bool is_here(const char *name)
{
	char host[256] = "";
	size_t length;

	gethostname(host, sizeof(host) - 1);
	length = strcspn(name, ".");
	return !strcmp(host, name) ||
	       (strcspn(host, ".") == length && !strncmp(host, name, length) &&
		(!host[length] || !name[length]));
}

static bool is_chosen(const struct campaign_place *place, const char *name)
{
	return name ? !strcmp(place->name, name) : !place->host || is_here(place->name);
}

static int do_local(const struct campaign *campaign, const struct campaign_values *chosen)
{
	size_t failed = 0, tasks = 0;

	for (size_t i = 0; i < campaign->tasks && !work_stopped(); i++) {
		const struct campaign_task *task = &campaign->task[i];

		if (!is_chosen(&campaign->place[task->place], chosen->place))
			continue;
		tasks++;
		failed += do_task(campaign, task) != STATUS_OK;
		fflush(stdout);
	}
	if (!tasks)
		return cli_fail("no task of the plan is for %s",
				chosen->place ? chosen->place : "this host");
	return failed ? cli_fail("%zu of %zu tasks failed", failed, tasks) : cli_finish(STATUS_OK);
}

/* The command on the hosts is the plan's "program", else the path of this one. */
static int submit(const struct campaign *campaign, const struct campaign_values *chosen)
{
	const char *program = json_string_value(json_object_get(campaign->json, "program"));
	char own[PATH_MAX] = "exitstorm", why[RUN_WHY];
	struct engine_request request = {
		.campaign = campaign, .dry_run = chosen->dry_run, .out = stdout};
	int error = chosen->dry_run ? 0 : work_prepare(campaign, why);

	if (!program && readlink("/proc/self/exe", own, sizeof(own) - 1) < 0)
		return cli_fail("/proc/self/exe: %s", strerror(errno));
	request.program = program ? program : own;
	if (!error)
		error = engines[chosen->engine].submit(&request, why);
	return error ? cli_fail("%s", why) : cli_finish(STATUS_OK);
}

static int print_status(const struct campaign *campaign, u64 width)
{
	struct table *table = table_new(NULL);
	size_t *count = memory_new(campaign->variants * WORK_STATES, sizeof(*count)), open = 0;
	char why[RUN_WHY];

	table_column(table, "variant", false);
	for (int state = WORK_STATES - 1; state >= 0; state--)
		table_column(table, work_state_name[state], true);
	for (size_t i = 0; i < campaign->tasks; i++) {
		const struct campaign_task *task = &campaign->task[i];
		enum work_state state = work_state(campaign, task, why);
		char *name = campaign_task_name(campaign, task);

		count[task->variant * WORK_STATES + state]++;
		open += state != WORK_DONE;
		if (*why && state != WORK_RUNNING)
			table_note(table, "%s (task %zu), %s: %s", name, i,
				   state == WORK_DONE ? "done, but" : "failed", why);
		free(name);
	}
	for (size_t i = 0; i < campaign->variants; i++) {
		table_row(table);
		table_cell(table, "%s", campaign->variant[i].name);
		for (int state = WORK_STATES - 1; state >= 0; state--)
			table_cell(table, "%zu", count[i * WORK_STATES + state]);
	}
	free(count);
	if (print_table(table, width) != STATUS_OK)
		return STATUS_FAILED;
	return open ? cli_fail("%zu of %zu tasks are not done", open, campaign->tasks) : STATUS_OK;
}

/* The folder of the runs has a copy of the plan. */
static int show_status(const char *folder, const struct campaign_values *chosen)
{
	char *plan = work_plan(folder), full[PATH_MAX], why[RUN_WHY];
	struct campaign campaign = {0};
	int status;

	if (access(plan, F_OK) && errno == ENOENT)
		status = cli_fail("%s: no task of a campaign was done there", why_path(folder));
	else if (campaign_open(plan, &campaign, why))
		status = cli_fail("%s", why);
	else if (!realpath(folder, full))
		status = cli_fail("%s: %s", why_path(folder), strerror(errno));
	else {
		free(campaign.runs);
		campaign.runs = memory_text(full);
		status = print_status(&campaign, chosen->width);
	}
	campaign_close(&campaign);
	free(plan);
	return status;
}

enum action { ACTION_PLAN, ACTION_RUN, ACTION_LOCAL, ACTION_SUBMIT, ACTION_STATUS, ACTIONS };
static const char *const action_name[ACTIONS] = {"plan", "run", "local", "submit", "status"};

static int act(enum action action, char **operand, const struct campaign_values *chosen)
{
	struct campaign campaign = {0};
	char why[RUN_WHY];
	int status = STATUS_FAILED;

	if (action == ACTION_STATUS)
		return show_status(operand[0], chosen);
	if (campaign_open(operand[0], &campaign, why))
		status = cli_fail("%s", why);
	else if (action == ACTION_PLAN)
		status = print_plan(&campaign, chosen);
	else if (action == ACTION_RUN)
		status = run_task(&campaign, operand[1]);
	else if (action == ACTION_LOCAL)
		status = do_local(&campaign, chosen);
	else
		status = submit(&campaign, chosen);
	campaign_close(&campaign);
	return status;
}

static int run_campaign(int argc, char **argv)
{
	struct campaign_values chosen = {.width = cli_width()};
	int status = options_parse(&cmd_campaign, argc, argv, &chosen);
	const char *word = argv[optind], *nearest;
	int action = 0;

	if (status != OPTIONS_PARSED)
		return status;
	while (action < ACTIONS && strcmp(word, action_name[action]))
		action++;
	if (action == ACTIONS) {
		nearest = cli_nearest(word, action_name, ACTIONS);
		return cli_usage("unknown action '%s'%s%s%s", word,
				 nearest ? ", did you mean '" : "", nearest ? nearest : "",
				 nearest ? "'?" : "");
	}
	if (action == ACTION_RUN && argc - optind < 3)
		return cli_usage("run: operand TASK is missing");
	if (action != ACTION_RUN && argc - optind > 2)
		return cli_usage("%s takes one operand only", word);
	return act(action, argv + optind + 1, &chosen);
}

const struct command cmd_campaign = {
	.name = "campaign",
	.usage = "plan|run|local|submit|status FILE [TASK] [OPTION...]",
	.text = "measure on many hosts by one plan",
	.options = options,
	.notes = "A task that is done is not done again. 'exitstorm collect' then puts the runs\n"
		 "into one store.\n",
	.run = run_campaign,
};
