// SPDX-License-Identifier: GPL-2.0-or-later
#include "campaign.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "read.h"

#define LIMIT_MIN 10
#define FILE_MAX  (16 << 20) /* bytes of a plan */

static int load(const char *path, json_t **json, char *why)
{
	FILE *file = fopen(path, "r");
	char *text;
	size_t size;
	json_error_t at;
	int error = 0;

	if (!file)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	text = memory_get(FILE_MAX);
	size = fread(text, 1, FILE_MAX, file);
	if (ferror(file))
		error = why_say(why, -EIO, "%s: %s", why_path(path), strerror(errno));
	else if (size == FILE_MAX)
		error = why_say(why, -EFBIG, "%s: is too large for a plan", why_path(path));
	else if (!(*json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at)))
		error = why_say(why, -EINVAL, "%s: line %d: %s", why_path(path), at.line, at.text);
	free(text);
	fclose(file);
	return error;
}

/* The next number of SplitMix64: G. Steele et al., "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
static u64 next_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void shuffle(struct campaign_task *task, size_t count, u64 *state)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = next_random(state) % i;
		struct campaign_task kept = task[other];

		task[other] = task[i - 1];
		task[i - 1] = kept;
	}
}

static double per_round(const struct campaign *campaign)
{
	double count = 0;

	for (size_t i = 0; i < campaign->variants; i++)
		for (size_t j = 0; j < campaign->places; j++)
			if (campaign->variant[i].at[j])
				count += campaign->place[j].slots;
	return count;
}

/* Each variant once on each host, in a new random order. */
static void add_round(struct campaign *campaign, u32 round, u64 *state)
{
	struct campaign_task *first = campaign->task + campaign->tasks, *task = first;

	for (u32 i = 0; i < campaign->variants; i++)
		for (u32 j = 0; j < campaign->places; j++)
			for (u32 k = 0; k < campaign->place[j].slots && campaign->variant[i].at[j];
			     k++)
				*task++ = (struct campaign_task){
					.round = round, .place = j, .slot = k, .variant = i};
	campaign->tasks = task - campaign->task;
	shuffle(first, task - first, state);
}

/* Rounds follow one another, so that each variant and host is measured all the time. */
static int add_tasks(struct campaign *campaign, char *why)
{
	double count = per_round(campaign) * campaign->rounds;
	u64 state = campaign->seed;

	if (count > CAMPAIGN_MAX_TASKS)
		return why_say(why, -EINVAL, "%.0f tasks: more than %d", count, CAMPAIGN_MAX_TASKS);
	campaign->task = memory_new(count, sizeof(*campaign->task));
	for (u32 i = 0; i < campaign->rounds; i++)
		add_round(campaign, i, &state);
	for (size_t i = 0; i < campaign->tasks; i++)
		campaign->task[i].index = campaign->place[campaign->task[i].place].tasks++;
	return 0;
}

static json_int_t number(const json_t *json, const char *key, json_int_t otherwise)
{
	const json_t *value = json_object_get(json, key);

	return value ? json_integer_value(value) : otherwise;
}

/* `runs` of the plan, from the folder of the plan on. */
static char *runs_of(const struct campaign *campaign)
{
	const char *runs = json_string_value(json_object_get(campaign->json, "runs"));
	int folder = strrchr(campaign->file, '/') - campaign->file;

	if (runs && *runs == '/')
		return memory_text(runs);
	return runs ? memory_format("%.*s/%s", folder, campaign->file, runs)
		    : memory_format("%.*s/%s", folder, campaign->file, campaign->name);
}

static int fill(struct campaign *campaign, char *why)
{
	int error = read_check(campaign->json, why);

	if (error)
		return error;
	campaign->name = json_string_value(json_object_get(campaign->json, "name"));
	campaign->seed = number(campaign->json, "seed", 1);
	campaign->rounds = number(campaign->json, "rounds", 1);
	campaign->limit_min = number(campaign->json, "limit_min", LIMIT_MIN);
	campaign->runs = runs_of(campaign);
	error = read_places(campaign, why);
	if (!error)
		error = read_variants(campaign, why);
	return error ? error : add_tasks(campaign, why);
}

int campaign_open(const char *path, struct campaign *campaign, char *why)
{
	char full[PATH_MAX], reason[RUN_WHY];
	int error;

	*campaign = (struct campaign){0};
	if (!realpath(path, full))
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	campaign->file = memory_text(full);
	error = load(path, &campaign->json, why);
	if (!error && (error = fill(campaign, reason)))
		why_say(why, error, "%s: %s", why_path(path), reason);
	return error;
}

void campaign_close(struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->places; i++)
		free(campaign->place[i].name);
	for (size_t i = 0; i < campaign->variants; i++) {
		json_decref(campaign->variant[i].json);
		free(campaign->variant[i].at);
	}
	free(campaign->place);
	free(campaign->variant);
	free(campaign->task);
	free(campaign->file);
	free(campaign->runs);
	json_decref(campaign->json);
	*campaign = (struct campaign){0};
}
