// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* The next folder of a search path as an absolute path without links; false: no more. */
static bool next_folder(const char **path, char *folder)
{
	char name[PATH_MAX];

	while (**path) {
		size_t length = strcspn(*path, ":");
		bool fits = length < sizeof(name);

		snprintf(name, sizeof(name), "%.*s", (int)length, length ? *path : ".");
		*path += length + ((*path)[length] == ':');
		if (fits && realpath(name, folder))
			return true;
	}
	return false;
}

bool program_find(const char *name, char *path)
{
	const char *rest = search_path();
	char folder[PATH_MAX];
	struct stat stat_buffer;

	while (next_folder(&rest, folder)) {
		if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX ||
		    stat(path, &stat_buffer) || !S_ISREG(stat_buffer.st_mode) || access(path, X_OK))
			continue;
		if (!trust_is_root() || (trust_folder(folder) && trust_file(path)))
			return true;
		program_passed_over(name, path);
	}
	return false;
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

/* For what the program itself runs: tar runs xz. */
static int set_trusted_path(void)
{
	char folder[PATH_MAX], path[3 * PATH_MAX] = "";
	const char *rest = search_path();
	size_t used = 0;

	while (next_folder(&rest, folder))
		if (trust_folder(folder) && used + strlen(folder) + 1 < sizeof(path))
			used += sprintf(path + used, "%s%s", used ? ":" : "", folder);
	return setenv("PATH", path, 1);
}

static int clean_environment(void)
{
	int error = set_trusted_path() ? -errno : 0;
	char **kept = environ;

	for (char **variable = environ; *variable; variable++)
		if (is_harmless(*variable) || !strncmp(*variable, "PATH=", 5))
			*kept++ = *variable;
	*kept = NULL;
	return error;
}

int program_exec(const char *name, const char *const *argv)
{
	char path[PATH_MAX];
	int error = 0;

	if (!program_find(name, path))
		return -ENOENT;
	if (trust_is_root())
		error = clean_environment();
	if (error)
		return error;
	execv(path, (char *const *)argv);
	return -errno;
}
