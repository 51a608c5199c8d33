// SPDX-License-Identifier: GPL-2.0-or-later
#include "runs.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static bool is_run(const char *folder)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/run.json", folder) < PATH_MAX &&
	       !access(path, F_OK);
}

static int open_one(struct runs *runs, const char *path)
{
	struct run **more = realloc(runs->run, (runs->count + 1) * sizeof(*more));
	char why[RUN_WHY];

	if (!more)
		return cli_fail("no memory");
	runs->run = more;
	if (run_open(path, &runs->run[runs->count], why))
		return cli_fail("%s", why);
	runs->count++;
	return STATUS_OK;
}

/* Hidden ones are what killed runs left. */
static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The runs in a folder, "k=2" before "k=10". */
static int open_within(struct runs *runs, const char *folder)
{
	size_t before = runs->count;
	struct dirent **entry;
	int count = scandir(folder, &entry, visible, versionsort), status = STATUS_OK;

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		if (status == STATUS_OK &&
		    snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name) < PATH_MAX &&
		    is_run(path))
			status = open_one(runs, path);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
	/* Nothing in it: let the reader say what is wrong with it. */
	return status == STATUS_OK && runs->count == before ? open_one(runs, folder) : status;
}

int runs_open(struct runs *runs, char *const *path, size_t count)
{
	int status = STATUS_OK;

	*runs = (struct runs){0};
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = is_run(path[i]) ? open_one(runs, path[i]) : open_within(runs, path[i]);
	return status;
}

void runs_close(struct runs *runs)
{
	while (runs->count)
		run_close(runs->run[--runs->count]);
	free(runs->run);
	runs->run = NULL;
}
