// SPDX-License-Identifier: GPL-2.0-or-later
#include "runs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../analysis/describe/describe.h"
#include "../../analysis/show/show.h"
#include "../../analysis/stats/figures.h"
#include "../session/run_path.h"
#include "cli.h"
#include "../plan/number.h"

/*
 * run.json may also be a link, which run_open() refuses in words. Where it cannot be told whether
 * it is there, run_open() says why.
 */
bool runs_is_run(const char *folder)
{
	char path[PATH_MAX];
	struct stat stat;

	if (snprintf(path, sizeof(path), "%s/run.json", folder) >= PATH_MAX)
		return false;
	return !lstat(path, &stat) || (errno != ENOENT && errno != ENOTDIR);
}

/*
 * A folder of runs may come from elsewhere: a link in it must not lead out of it, to runs of this
 * machine.
 */
static bool leads_away(const char *folder, const char *path)
{
	char *within = realpath(folder, NULL), *target = realpath(path, NULL);
	size_t length = within ? strlen(within) : 0;
	bool inside = within && target && !strncmp(target, within, length) &&
		      (target[length] == '/' || !strcmp(within, "/"));

	free(within);
	free(target);
	return !inside;
}

static int open_with(int (*open)(const char *, struct run **, char *), const char *path,
		     struct run **run)
{
	char text[RUN_WHY];

	if (open(path, run, text))
		return cli_fail("%s", text);
	if (*describe_incomplete(*run, text, sizeof(text)))
		cli_warn("%s: %s", why_path(path), text);
	return STATUS_OK;
}

int runs_or_latest(char ***path, size_t *count, char **latest)
{
	char why[RUN_WHY];

	*latest = NULL;
	if (*count)
		return STATUS_OK;
	*latest = run_path_latest(why);
	if (!*latest)
		return cli_usage("operand RUN... is missing, and %s", why);
	cli_note("the latest run: %s", why_path(*latest));
	*path = latest;
	*count = 1;
	return STATUS_OK;
}

int runs_open_raw(const char *path, struct run **run)
{
	return open_with(run_open, path, run);
}

int runs_open_one(const char *path, struct run **run)
{
	return open_with(figures_open, path, run);
}

int runs_print_new(const char *path, bool quiet)
{
	char why[RUN_WHY];
	struct run *run;
	int error;

	if (quiet) {
		printf("%s\n", path);
		return STATUS_OK;
	}
	error = figures_open(path, &run, why);
	if (!error) {
		if (show_print(run, stdout, TABLE_TEXT, cli_width()))
			error = why_say(why, -ENOMEM, "no memory");
		run_close(run);
	}
	if (error)
		return cli_fail("the run is in %s, its table cannot be printed: %s", why_path(path),
				why);
	printf("\nThe run is in %s\n", path);
	return STATUS_OK;
}

static int open_one(struct runs *runs, const char *path)
{
	struct run **more = realloc(runs->run, (runs->count + 1) * sizeof(*more));
	int status;

	if (!more)
		return cli_fail("no memory");
	runs->run = more;
	status = runs_open_one(path, &runs->run[runs->count]);
	runs->count += status == STATUS_OK;
	return status;
}

/* Hidden folders are temporary: killed runs left them. */
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

	if (count < 0 && errno != ENOENT && errno != ENOTDIR)
		return cli_fail("%s: %s", why_path(folder), strerror(errno));
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		if (status == STATUS_OK &&
		    snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name) < PATH_MAX &&
		    runs_is_run(path))
			status = leads_away(folder, path)
					 ? cli_fail("%s: is a link out of its folder: name the run "
						    "itself",
						    why_path(path))
					 : open_one(runs, path);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
	/* No run in it: opening the folder itself gives the error that says why. */
	return status == STATUS_OK && runs->count == before ? open_one(runs, folder) : status;
}

int runs_add(struct runs *runs, const char *path)
{
	return runs_is_run(path) ? open_one(runs, path) : open_within(runs, path);
}

int runs_open(struct runs *runs, char *const *path, size_t count)
{
	int status = STATUS_OK;

	*runs = (struct runs){0};
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = runs_add(runs, path[i]);
	return status;
}

size_t runs_number(const char *text, size_t count)
{
	u64 number;

	return number_digits(text, &number) && number >= 1 && number <= count ? number - 1 : count;
}

size_t runs_find(const struct runs *runs, const char *text)
{
	char name[NAME_MAX + 1];

	for (size_t i = 0; i < runs->count; i++)
		if (!strcmp(text, describe_name(runs->run[i], name, sizeof(name))) ||
		    !strcmp(text, runs->run[i]->path))
			return i;
	return runs_number(text, runs->count);
}

void runs_close(struct runs *runs)
{
	while (runs->count)
		run_close(runs->run[--runs->count]);
	free(runs->run);
	runs->run = NULL;
}
