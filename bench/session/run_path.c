// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../../results/memory.h"

#define TRIES 1000

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
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
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
