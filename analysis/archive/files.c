// SPDX-License-Identifier: GPL-2.0-or-later
#include "files.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../results/why.h"

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

static int by_name(const FTSENT **one, const FTSENT **other)
{
	return strcmp((*one)->fts_name, (*other)->fts_name);
}

int archive_sums(const char *root, char *why)
{
	char path[PATH_MAX], *roots[] = {(char *)root, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	int error = 0;
	FILE *sums;

	if (!walk)
		return failed(root, why);
	snprintf(path, sizeof(path), "%s/SHA256SUMS", root);
	sums = fopen(path, "we");
	if (!sums)
		error = failed(path, why);
	while (!error && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && strcmp(entry->fts_path, path))
			error = sum_file(entry->fts_path, entry->fts_path + strlen(root) + 1, sums,
					 why);
	fts_close(walk);
	if (sums && fclose(sums) && !error)
		error = failed(path, why);
	return error;
}
