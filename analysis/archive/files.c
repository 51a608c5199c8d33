// SPDX-License-Identifier: GPL-2.0-or-later
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../results/why.h"

#define SUMS "SHA256SUMS"

static int failed(const char *path, char *why)
{
	int error = errno ? errno : EIO;

	return why_say(why, -error, "%s: %s", why_path(path), strerror(error));
}

int archive_make_folder(const char *path, char *why)
{
	return mkdir(path, 0777) ? failed(path, why) : 0;
}

static int sum_file(const char *path, const char *name, FILE *sums, char *why)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];

	if (!SHA256File(path, hex))
		return failed(path, why);
	fprintf(sums, "%s  %s\n", hex, name);
	return 0;
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static int sum_folder(const char *path, size_t root, FILE *sums, char *why);

static int sum_entry(const char *folder, const char *name, size_t root, FILE *sums, char *why)
{
	char path[PATH_MAX];
	struct stat stat;

	if (!strcmp(name, ".") || !strcmp(name, "..") ||
	    (strlen(folder) == root && !strcmp(name, SUMS)))
		return 0;
	errno = ENAMETOOLONG;
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_MAX || lstat(path, &stat))
		return failed(name, why);
	if (S_ISDIR(stat.st_mode))
		return sum_folder(path, root, sums, why);
	if (!S_ISREG(stat.st_mode))
		return why_say(why, -EBADMSG, "%s: is no file", why_path(path));
	return sum_file(path, path + root + 1, sums, why);
}

/* By scandir(), which fails where a folder cannot be read to its end. */
static int sum_folder(const char *path, size_t root, FILE *sums, char *why)
{
	struct dirent **entry;
	int count = scandir(path, &entry, NULL, by_name), error = 0;

	if (count < 0)
		return failed(path, why);
	for (int i = 0; i < count; i++) {
		if (!error)
			error = sum_entry(path, entry[i]->d_name, root, sums, why);
		free(entry[i]);
	}
	free(entry);
	return error;
}

int archive_sums(const char *root, char *why)
{
	char path[PATH_MAX];
	FILE *sums;
	int error;

	snprintf(path, sizeof(path), "%s/" SUMS, root);
	sums = fopen(path, "we");
	if (!sums)
		return failed(path, why);
	error = sum_folder(root, strlen(root), sums, why);
	if ((ferror(sums) | fclose(sums)) && !error)
		error = failed(path, why);
	return error;
}
