// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "notice.h"
#include "trust.h"
#include "why.h"

#define STANDARD_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

extern char **environ;

void program_passed_over(const char *what, const char *path)
{
	notice("%.30s: %s is passed over: others than root can change it, or its folder", what,
	       why_path(path));
}

static const char *search_path(void)
{
	const char *path = getenv("PATH");

	return path ? path : STANDARD_PATH;
}

/*
 * The next folder of a search path as an absolute path without links. 0; -errno: `folder` is its
 * name; -ENODATA: no more.
 */
static int next_folder(const char **path, char *folder)
{
	char name[PATH_MAX];
	size_t length;

	if (!**path)
		return -ENODATA;
	length = strcspn(*path, ":");
	snprintf(name, sizeof(name), "%.*s", length ? (int)length : 1, length ? *path : ".");
	*path += length + ((*path)[length] == ':');
	if (length < sizeof(name) && realpath(name, folder))
		return 0;
	snprintf(folder, PATH_MAX, "%s", name);
	return length < sizeof(name) ? -errno : -ENAMETOOLONG;
}

/* -ENOENT: none there. Other -errno: it cannot be told, or must not be executed. */
static int look_in(const char *folder, const char *name, char *path)
{
	struct stat stat_buffer;

	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return -ENOENT;
	if (stat(path, &stat_buffer))
		return errno == ENOTDIR ? -ENOENT : -errno;
	if (!S_ISREG(stat_buffer.st_mode))
		return -ENOENT;
	if (access(path, X_OK))
		return -errno;
	if (!trust_is_root() || (trust_folder(folder) && trust_file(path)))
		return 0;
	program_passed_over(name, path);
	return -ENOENT;
}

/* As a shell does: what cannot be looked at does not end the search. */
int program_find(const char *name, char *path)
{
	char folder[PATH_MAX], first[PATH_MAX] = "";
	const char *rest = search_path();
	int error, found = -ENOENT;

	while ((error = next_folder(&rest, folder)) != -ENODATA) {
		if (error)
			snprintf(path, PATH_MAX, "%s", folder);
		else
			error = look_in(folder, name, path);
		if (!error)
			return 0;
		if (error == -ENOENT || error == -ENOTDIR || found != -ENOENT)
			continue;
		found = error;
		strcpy(first, path);
	}
	strcpy(path, first);
	return found;
}

int program_missing(int error, const char *name, const char *path, const char *absent, char *why,
		    size_t size)
{
	if (error == -ENOENT)
		snprintf(why, size, "%s", absent);
	else
		snprintf(why, size, "%s is not found, and %.200s cannot be used: %s", name,
			 why_path(path), strerror(-error));
	return error == -ENOENT ? -ENOPKG : error;
}

void program_die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it was killed before the prctl */
		_exit(127);
}

static bool is_harmless(const char *variable)
{
	static const char *const begins[] = {
		"LC_", "LANG=", "LANGUAGE=", "TERM=", "TMPDIR=", "COLUMNS=", "SOURCE_DATE_EPOCH="};

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (!strncmp(variable, begins[i], strlen(begins[i])))
			return true;
	return false;
}

/* Variables that name a file are kept if root alone can change it. */
static bool is_trusted(const char *variable)
{
	static const char name[] = "SLURM_CONF=";

	return !strncmp(variable, name, strlen(name)) && trust_file(variable + strlen(name));
}

/* For what the program itself runs: tar runs xz. */
static int set_trusted_path(void)
{
	char folder[PATH_MAX], path[3 * PATH_MAX] = "";
	const char *rest = search_path();
	size_t used = 0;

	int error;

	while ((error = next_folder(&rest, folder)) != -ENODATA)
		if (!error && trust_folder(folder) && used + strlen(folder) + 1 < sizeof(path))
			used += sprintf(path + used, "%s%s", used ? ":" : "", folder);
	return setenv("PATH", path, 1);
}

static int clean_environment(void)
{
	int error = set_trusted_path() ? -errno : 0;
	char **kept = environ;

	for (char **variable = environ; *variable; variable++)
		if (is_harmless(*variable) || is_trusted(*variable) ||
		    !strncmp(*variable, "PATH=", 5))
			*kept++ = *variable;
	*kept = NULL;
	return error;
}

int program_exec(const char *name, const char *const *argv)
{
	char path[PATH_MAX];
	int error = program_find(name, path);

	if (!error && trust_is_root())
		error = clean_environment();
	if (error)
		return error;
	execv(path, (char *const *)argv);
	return -errno;
}
