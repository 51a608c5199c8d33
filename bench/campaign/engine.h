/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tasks of a campaign that are not done get to the hosts. */
#ifndef BENCH_CAMPAIGN_ENGINE_H
#define BENCH_CAMPAIGN_ENGINE_H

#include <stdio.h>

#include "campaign.h"

struct engine_request {
	const struct campaign *campaign;
	const char *program; /* path of exitstorm on the hosts */
	bool dry_run;	     /* print only */
	FILE *out;
};

struct engine {
	const char *name;
	/* 0 or -errno and `why`. The folders of the runs are there. */
	int (*submit)(const struct engine_request *request, char *why);
};

#define ENGINES 3
extern const struct engine engines[ENGINES];
extern const char *const engine_name[ENGINES];

int engine_slurm(const struct engine_request *request, char *why);
int engine_kubernetes(const struct engine_request *request, char *why);
int engine_ssh(const struct engine_request *request, char *why);

/* Prints text as one word of a shell. */
void engine_quote(const char *text, FILE *out);

#endif
