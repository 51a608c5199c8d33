/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign: measurements planned over many hosts, as results/campaign.schema.json has them. A
 * place is a host with a name, or a set of alike hosts from which an engine chooses one. Functions
 * return 0 or -errno and put one line into `why` (RUN_WHY bytes).
 */
#ifndef BENCH_CAMPAIGN_CAMPAIGN_H
#define BENCH_CAMPAIGN_CAMPAIGN_H

#include <jansson.h>
#include <stdbool.h>

#include "../../results/why.h"
#include "../../trace/types.h"

#define CAMPAIGN_SCHEMA	   "exitstorm-campaign/1"
#define CAMPAIGN_MAX_TASKS 1000000
#define CAMPAIGN_STATE	   ".campaign" /* folder of locks, logs and failures in that of the runs */

struct campaign_place {
	char *name;
	const json_t *set; /* hosts.<name>{} that it is of */
	bool host;	   /* it is one host, `name` its name */
	u32 slots;	   /* hosts that are used at a time */
	size_t tasks;
};

struct campaign_variant {
	const char *name;
	json_t *json; /* with all members of those that it is like */
	bool *at;     /* of each place: it is measured there */
};

/* Numbers of place and variant; `index` among the tasks of the place. */
struct campaign_task {
	u32 round, place, slot, variant;
	size_t index;
};

struct campaign {
	json_t *json;
	char *file; /* absolute path of the plan */
	char *runs; /* folder of the runs */
	const char *name;
	u64 seed;
	u32 rounds, limit_min; /* minutes that a task may take */
	struct campaign_place *place;
	struct campaign_variant *variant;
	struct campaign_task *task; /* in the order in which they are to be done */
	size_t places, variants, tasks;
};

/*
 * Reads a plan. -EINVAL: it is none, or asks for what cannot be. campaign_close() in any case; the
 * struct may be of zeros.
 */
int campaign_open(const char *path, struct campaign *campaign, char *why);
void campaign_close(struct campaign *campaign);

/* "003-node07-vpid-off", the name of the task's run; to be freed. */
char *campaign_task_name(const struct campaign *campaign, const struct campaign_task *task);
/*
 * "17": the task of that number, counted from 0; "node07:3": of its place. NULL and `why`: there is
 * none.
 */
const struct campaign_task *campaign_find(const struct campaign *campaign, const char *text,
					  char *why);
/* Options of `exitstorm run` for a variant, after "run"; NULL at the end; each to be freed. */
char **campaign_options(const struct campaign *campaign, const struct campaign_task *task);
void campaign_options_free(char **option);
u32 campaign_limit(const struct campaign *campaign, const struct campaign_task *task); /* minutes */

#endif
