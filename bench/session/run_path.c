// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_path.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../../results/why.h"

#define TRIES	  1000
#define NAME_TIME "%Y%m%dT%H%M%SZ"
#define OF_A_RUN  "[0-9]*T[0-9]*Z-*" /* matches names with NAME_TIME */

/* results/runs/ of the source tree, if this binary is in its build/; else NULL. */
static char *tree_runs(void)
{
	char binary[PATH_MAX], probe[PATH_MAX + 32], *slash;
	ssize_t length = readlink("/proc/self/exe", binary, sizeof(binary) - 1);

	for (int depth = 0; length > 0 && depth < 4; depth++) {
		binary[length] = 0;
		slash = strrchr(binary, '/');
		if (!slash)
			break;
		*slash = 0;
		length = slash - binary;
		snprintf(probe, sizeof(probe), "%s/bench/plan/settings.def", binary);
		if (!access(probe, F_OK))
			return memory_format("%s/results/runs", binary);
	}
	return NULL;
}

static char *runs_folder(void)
{
	const char *named = getenv("EXITSTORM_RUNS");
	char *tree;

	if (named && *named)
		return memory_text(named);
	tree = tree_runs();
	return tree ? tree : memory_text("exitstorm-runs");
}

/* Characters other than letters, digits, - and _ become _; a domain is cut off. */
static void host_name(char *name, size_t size, bool anonymous)
{
	struct utsname host;

	snprintf(name, size, "%s", anonymous || uname(&host) ? "anonymous" : host.nodename);
	name[strcspn(name, ".")] = 0;
	for (char *at = name; *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
			    *at))
			*at = '_';
}

char *run_path(const char *target, bool anonymous)
{
	char *root = runs_folder(), *path = NULL;
	char host[65], when[32];
	time_t now = time(NULL);
	struct stat there;
	struct tm utc;

	host_name(host, sizeof(host), anonymous);
	strftime(when, sizeof(when), NAME_TIME, gmtime_r(&now, &utc));
	for (int try = 1; try <= TRIES; try++) {
		char number[16] = "";

		free(path);
		if (try > 1)
			snprintf(number, sizeof(number), "-%d", try);
		path = memory_format("%s/%s-%s-%s%s", root, when, host, target, number);
		if (lstat(path, &there))
			break;
	}
	free(root);
	return path;
}

/* Neither hidden, as temporary folders are, nor the part of a run that was interrupted. */
static int is_whole_run(const struct dirent *entry)
{
	return !fnmatch(OF_A_RUN, entry->d_name, 0) && fnmatch("*.partial", entry->d_name, 0);
}

char *run_path_latest(char *why)
{
	char *root = runs_folder(), *path = NULL;
	struct dirent **entry = NULL;
	int count = scandir(root, &entry, is_whole_run, versionsort);

	if (count > 0)
		path = memory_format("%s/%s", root, entry[count - 1]->d_name);
	else if (!count || errno == ENOENT)
		why_say(why, -ENOENT, "there is no run in %s yet ('exitstorm run' makes one)",
			why_path(root));
	else
		why_say(why, -errno, "%s: %s", why_path(root), strerror(errno));
	for (int i = 0; i < count; i++)
		free(entry[i]);
	free(entry);
	free(root);
	return path;
}
