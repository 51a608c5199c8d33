// SPDX-License-Identifier: GPL-2.0-or-later
#include "trust.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool trust_is_root(void)
{
	unsigned int inside = 0, outside = 0;
	FILE *map;

	if (geteuid())
		return false;
	map = fopen("/proc/self/uid_map", "re");
	if (map && fscanf(map, "%u %u", &inside, &outside) != 2)
		inside = outside = 0;
	if (map)
		fclose(map);
	return !inside && !outside;
}

static bool is_roots(const struct stat *stat, bool sticky_allowed)
{
	if (stat->st_uid)
		return false;
	if (sticky_allowed && S_ISDIR(stat->st_mode) && (stat->st_mode & S_ISVTX))
		return true;
	return !(stat->st_mode & S_IWOTH) && (!(stat->st_mode & S_IWGRP) || !stat->st_gid);
}

/* `path` is absolute and has no links. */
static bool above_is_trusted(char *path)
{
	struct stat stat;
	char *slash;

	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (lstat(slash == path ? "/" : path, &stat) || !is_roots(&stat, true))
			return false;
	}
	return true;
}

static bool check(const char *path, bool folder, bool sticky_allowed)
{
	char whole[PATH_MAX];
	struct stat stat;

	if (!realpath(path, whole) || lstat(whole, &stat) || !!S_ISDIR(stat.st_mode) != folder)
		return false;
	return is_roots(&stat, sticky_allowed) && above_is_trusted(whole);
}

bool trust_folder(const char *path)
{
	return check(path, true, false);
}

bool trust_temporary_folder(const char *path)
{
	return check(path, true, true);
}

bool trust_file(const char *path)
{
	return check(path, false, false);
}
