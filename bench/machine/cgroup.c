// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A group's folder is the mount point of its hierarchy (/proc/self/mountinfo) and its path in that
 * (/proc/self/cgroup). A container may see a part of the hierarchy only: then the mount's root is a
 * prefix of the path, or the path leads out of what is mounted ("/.."), and the mount point is the
 * group.
 */
#include "cgroup.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

#define FILE_SIZE 16384 /* of /proc/self/cgroup and mountinfo */

struct group {
	char folder[PATH_MAX];
	size_t mount; /* the length of the mount point, the first part of the folder */
	bool second;  /* cgroup v2 */
};

/* Whether a list "cpu,cpuacct" has the word. */
static bool listed(const char *list, size_t length, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = list; at < list + length; at += strcspn(at, ",") + 1)
		if (strcspn(at, ",:\n") == size && !strncmp(at, word, size))
			return true;
	return false;
}

/* The path in the hierarchy: "4:cpu,cpuacct:/PATH"; v2: "0::/PATH". */
static bool own_path(const char *controller, bool second, char *path, size_t size)
{
	char text[FILE_SIZE], *line, *rest = text;

	if (!sysfs_text(text, sizeof(text), "/proc/self/cgroup"))
		return false;
	while ((line = strsep(&rest, "\n"))) {
		char *list = strchr(line, ':'), *at = list ? strchr(list + 1, ':') : NULL;

		if (!at || (second ? at != list + 1 : !listed(list + 1, at - list - 1, controller)))
			continue;
		snprintf(path, size, "%s", at + 1);
		return true;
	}
	return false;
}

/* Takes a line of mountinfo apart, in place: ID PARENT DEV ROOT POINT OPTIONS... - TYPE SOURCE
 * SUPER */
static bool is_mount_of(char *line, const char *controller, bool second, char **root, char **point)
{
	char *tail = strstr(line, " - "), *type, *super;

	if (!tail)
		return false;
	type = tail + 3;
	super = strrchr(type, ' ');
	if (strncmp(type, second ? "cgroup2 " : "cgroup ", second ? 8 : 7) || !super ||
	    (!second && !listed(super + 1, strlen(super + 1), controller)))
		return false;
	for (int field = 0; field < 3; field++)
		strsep(&line, " ");
	*root = strsep(&line, " ");
	*point = strsep(&line, " ");
	return *root && *point;
}

static bool find_mount(struct group *group, const char *controller, const char *path)
{
	char text[FILE_SIZE], *line, *rest = text, *root, *point;
	size_t length;

	if (!sysfs_text(text, sizeof(text), "/proc/self/mountinfo"))
		return false;
	while ((line = strsep(&rest, "\n"))) {
		if (!is_mount_of(line, controller, group->second, &root, &point))
			continue;
		length = strcmp(root, "/") ? strlen(root) : 0;
		if (!strncmp(path, root, length) && (!path[length] || path[length] == '/'))
			path += length;
		else
			path = "";
		if (!strncmp(path, "/..", 3) || !strcmp(path, "/"))
			path = "";
		snprintf(group->folder, sizeof(group->folder), "%s%s", point, path);
		group->mount = strlen(point);
		return true;
	}
	return false;
}

static bool group_find(struct group *group, const char *controller, bool second)
{
	char path[PATH_MAX];

	*group = (struct group){.second = second};
	return own_path(controller, second, path, sizeof(path)) &&
	       find_mount(group, controller, path);
}

/* The group above. False: this is the highest that is mounted. */
static bool group_up(struct group *group)
{
	char *slash = strrchr(group->folder, '/');

	if (strlen(group->folder) <= group->mount || !slash)
		return false;
	*slash = '\0';
	return true;
}

/* "max 100000" or "200000 100000": quota and period in us. -1: unlimited. */
static bool quota_of(const struct group *group, double *cpus, char *file, size_t size)
{
	double quota, period;
	char text[64];

	snprintf(file, size, "%s/%s", group->folder,
		 group->second ? "cpu.max" : "cpu.cfs_quota_us");
	if (!sysfs_text(text, sizeof(text), "%s", file))
		return false;
	if (group->second && sscanf(text, "%lf %lf", &quota, &period) != 2)
		return false;
	if (!group->second) {
		quota = atof(text);
		if (!sysfs_text(text, sizeof(text), "%s/cpu.cfs_period_us", group->folder))
			return false;
		period = atof(text);
	}
	*cpus = quota / period;
	return quota > 0 && period > 0;
}

static bool tasks_of(const struct group *group, double *tasks, char *file, size_t size)
{
	long long number;

	snprintf(file, size, "%s/pids.max", group->folder);
	if (!sysfs_number(&number, "%s", file)) /* "max" */
		return false;
	*tasks = number;
	return true;
}

static bool min_limit(const char *controller,
		      bool (*limit_of)(const struct group *, double *, char *, size_t), double *min,
		      char *file, size_t size)
{
	char name[PATH_MAX + 32];
	bool found = false;
	struct group group;
	double limit;

	for (int second = 0; second < 2; second++) {
		if (!group_find(&group, controller, second))
			continue;
		do {
			if (!limit_of(&group, &limit, name, sizeof(name)) ||
			    (found && limit >= *min))
				continue;
			*min = limit;
			snprintf(file, size, "%s", name);
			found = true;
		} while (group_up(&group));
	}
	return found;
}

bool cgroup_cpu_quota(double *cpus, char *file, size_t size)
{
	return min_limit("cpu", quota_of, cpus, file, size);
}

bool cgroup_task_limit(long long *tasks, char *file, size_t size)
{
	double limit;

	if (!min_limit("pids", tasks_of, &limit, file, size))
		return false;
	*tasks = limit;
	return true;
}
