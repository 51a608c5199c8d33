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

/* fts reports what it cannot read as an entry of its own kind, and at the end by errno. */
static int sum_entry(const FTSENT *entry, const char *sums_path, size_t root, FILE *sums, char *why)
{
	switch (entry->fts_info) {
	case FTS_D:
	case FTS_DP:
		return 0;
	case FTS_F:
		if (!strcmp(entry->fts_path, sums_path))
			return 0;
		return sum_file(entry->fts_path, entry->fts_path + root + 1, sums, why);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		errno = entry->fts_errno;
		return failed(entry->fts_path, why);
	default:
		return why_say(why, -EBADMSG, "%s: is no file", why_path(entry->fts_path));
	}
}

static int sum_all(FTS *walk, const char *sums_path, size_t root, FILE *sums, char *why)
{
	FTSENT *entry;
	int error = 0;

	do {
		errno = 0;
		entry = fts_read(walk);
		if (entry)
			error = sum_entry(entry, sums_path, root, sums, why);
		else if (errno)
			error = failed(sums_path, why);
	} while (entry && !error);
	return error;
}

int archive_sums(const char *root, char *why)
{
	char path[PATH_MAX], *roots[] = {(char *)root, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	int error = 0;
	FILE *sums;

	if (!walk)
		return failed(root, why);
	snprintf(path, sizeof(path), "%s/SHA256SUMS", root);
	sums = fopen(path, "we");
	if (!sums)
		error = failed(path, why);
	else
		error = sum_all(walk, path, strlen(root), sums, why);
	fts_close(walk);
	if (sums && (ferror(sums) | fclose(sums)) && !error)
		error = failed(path, why);
	return error;
}
