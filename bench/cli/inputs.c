// SPDX-License-Identifier: GPL-2.0-or-later
#include "inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/describe/describe.h"
#include "../../results/memory.h"
#include "cli.h"
#include "runs.h"

/* The last part of a path: "old" of "runs/old/". */
static void folder_name(const char *path, char *name, size_t size)
{
	size_t length = strlen(path), first;

	while (length > 1 && path[length - 1] == '/')
		length--;
	for (first = length; first && path[first - 1] != '/'; first--)
		;
	snprintf(name, size, "%.*s", (int)(length - first), path + first);
}

/*
 * Makes one input of the runs and takes ownership of them. `folder`: the one that they are in, of
 * which the input has its name; NULL: the first run's.
 */
static int add_input(struct inputs *inputs, struct run *const *run, size_t runs, const char *folder)
{
	struct compare_input *input = &inputs->input[inputs->count];
	char first[NAME_MAX + 1], *name;

	if (inputs->count == MAX_INPUTS)
		return cli_fail("more than %d runs", MAX_INPUTS);
	if (folder)
		folder_name(folder, first, sizeof(first));
	else
		describe_name(run[0], first, sizeof(first));
	name = memory_get(sizeof(first) + 24);
	input->run = memory_new(runs, sizeof(*input->run));
	sprintf(name, runs > 1 && !folder ? "%s+%zu" : "%s", first, runs - 1);
	memcpy(input->run, run, runs * sizeof(struct run *));
	input->runs = runs;
	input->label = name;
	inputs->name[inputs->count++] = name;
	return STATUS_OK;
}

/* Are these runs of one --vary or ab, which differ, and so are no group? */
static bool in_turn(const struct runs *runs)
{
	const char *turn = run_string(runs->run[0], "in_turn");

	return *turn && runs->count > 1 && !strcmp(turn, run_string(runs->run[1], "in_turn"));
}

int inputs_add(struct inputs *inputs, const char *operand, bool several)
{
	bool group = strchr(operand, ',') && access(operand, F_OK), folder = false;
	char *copy = memory_text(operand), *rest = copy, *path;
	struct runs runs = {0};
	size_t taken = 0;
	int status = STATUS_OK;

	while (status == STATUS_OK && (path = strsep(&rest, group ? "," : "")))
		status = runs_add(&runs, path);
	if (status == STATUS_OK && several && !group && runs.count > 1 && !in_turn(&runs))
		group = folder = true;
	while (status == STATUS_OK && taken < runs.count) {
		size_t n = group ? runs.count : 1;

		status = add_input(inputs, &runs.run[taken], n, folder ? operand : NULL);
		taken += status == STATUS_OK ? n : 0;
	}
	inputs->named |= !group && runs.count > 1;
	/* After an error: the runs that no input owns. */
	while (runs.count > taken)
		run_close(runs.run[--runs.count]);
	free(runs.run);
	free(copy);
	return status;
}

size_t inputs_find(const struct inputs *inputs, const char *text)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (!strcmp(text, inputs->name[i]) || !strcmp(text, inputs->input[i].run[0]->path))
			return i;
	return runs_number(text, inputs->count);
}

void inputs_label(struct inputs *inputs, size_t base)
{
	if (inputs->count == 2 && !inputs->named) {
		inputs->input[base].label = "base";
		inputs->input[!base].label = "new";
		return;
	}
	/* Folders of the same name are labelled by their paths. */
	for (size_t i = 0; i < inputs->count; i++)
		for (size_t j = 0; j < inputs->count; j++)
			if (i != j && !strcmp(inputs->name[i], inputs->name[j]))
				inputs->input[i].label = inputs->input[i].run[0]->path;
}

void inputs_close(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++) {
		for (size_t j = 0; j < inputs->input[i].runs; j++)
			run_close(inputs->input[i].run[j]);
		free(inputs->input[i].run);
		free(inputs->name[i]);
	}
}
