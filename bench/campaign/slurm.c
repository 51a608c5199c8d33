// SPDX-License-Identifier: GPL-2.0-or-later
/* Job arrays of Slurm: sbatch(1), srun(1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../../results/program.h"
#include "engine.h"
#include "work.h"

/* Indices of an array: slurm.conf(5), MaxArraySize, is 1001 where it is not set. */
#define ARRAY_SIZE 1000

/* Tasks of a place whose indices lie in one array, and that are not done. */
struct part {
	u32 place, limit_min;
	size_t first; /* a multiple of ARRAY_SIZE */
	size_t count;
	bool open[ARRAY_SIZE];
};

static void find_open(const struct campaign *campaign, struct part *part)
{
	char why[RUN_WHY];

	for (size_t i = 0; i < campaign->tasks; i++) {
		const struct campaign_task *task = &campaign->task[i];
		enum work_state state;
		u32 limit = campaign_limit(campaign, task);

		if (task->place != part->place || task->index < part->first ||
		    task->index >= part->first + ARRAY_SIZE)
			continue;
		state = work_state(campaign, task, why);
		if (state == WORK_DONE || state == WORK_RUNNING)
			continue;
		part->open[task->index - part->first] = true;
		part->count++;
		part->limit_min = limit > part->limit_min ? limit : part->limit_min;
	}
}

/* "0-3,7" */
static void put_indices(const struct part *part, FILE *out)
{
	const char *before = "";

	for (size_t i = 0, end; i < ARRAY_SIZE; i = end + 1) {
		for (end = i; end < ARRAY_SIZE && part->open[end]; end++)
			;
		if (end == i)
			continue;
		fprintf(out, end == i + 1 ? "%s%zu" : "%s%zu-%zu", before, i, end - 1);
		before = ",";
	}
}

static void put_script(const struct engine_request *request, const struct part *part, FILE *out)
{
	const struct campaign *campaign = request->campaign;
	const struct campaign_place *place = &campaign->place[part->place];
	const char *constraint = json_string_value(json_object_get(place->set, "constraint"));
	json_t *option;
	size_t i;

	fprintf(out,
		"#!/bin/sh\n#SBATCH --job-name=exitstorm-%s\n#SBATCH --array=", campaign->name);
	put_indices(part, out);
	fprintf(out, "%%%u\n", place->slots);
	if (place->host)
		fprintf(out, "#SBATCH --nodelist=%s\n", place->name);
	else if (constraint)
		fprintf(out, "#SBATCH --constraint=\"%s\"\n", constraint);
	fprintf(out,
		"#SBATCH --nodes=1\n#SBATCH --ntasks=1\n#SBATCH --exclusive\n"
		"#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --time=%u\n"
		"#SBATCH --output=\"%s/%s/slurm-%%A_%%a.out\"\n",
		part->limit_min, campaign->runs, CAMPAIGN_STATE);
	json_array_foreach (json_object_get(campaign->json, "slurm"), i, option)
		fprintf(out, "#SBATCH %s\n", json_string_value(option));
	/* The frequency is set for steps, not for the script. */
	fputs("exec srun --ntasks=1 --cpu-freq=performance ", out);
	engine_quote(request->program, out);
	fputs(" campaign run ", out);
	engine_quote(campaign->file, out);
	fprintf(out, " %s:$((SLURM_ARRAY_TASK_ID + %zu))\n", place->name, part->first);
}

static int run_sbatch(const char *script, char *why)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (!child) {
		const char *const argv[] = {"sbatch", script, NULL};

		_exit(program_exec(argv[0], argv) == -ENOENT ? 127 : 126);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return why_say(why, -errno, "%s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return why_say(why, -ENOENT, "there is no sbatch in PATH");
	return why_say(why, -ECHILD, "sbatch did not take %s", why_path(script));
}

static int submit_part(const struct engine_request *request, const struct part *part, char *why)
{
	const struct campaign *campaign = request->campaign;
	char *path = memory_format("%s/%s/%s-%zu.sbatch", campaign->runs, CAMPAIGN_STATE,
				   campaign->place[part->place].name, part->first);
	FILE *file = request->dry_run ? request->out : fopen(path, "w");
	int error = 0;

	if (!file) {
		error = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	} else {
		put_script(request, part, file);
		if (!request->dry_run && fclose(file))
			error = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	}
	if (!error && !request->dry_run)
		error = run_sbatch(path, why);
	free(path);
	return error;
}

int engine_slurm(const struct engine_request *request, char *why)
{
	const struct campaign *campaign = request->campaign;
	int error = 0;

	for (u32 place = 0; place < campaign->places; place++) {
		for (size_t first = 0; !error && first < campaign->place[place].tasks;
		     first += ARRAY_SIZE) {
			struct part part = {.place = place, .first = first};

			find_open(campaign, &part);
			if (part.count)
				error = submit_part(request, &part, why);
		}
	}
	return error;
}
