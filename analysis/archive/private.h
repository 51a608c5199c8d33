/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What archive.c (what goes in), archive_files.c (files) and archive_text.c (REPRODUCE.md) share.
 */
#ifndef ANALYSIS_ARCHIVE_PRIVATE_H
#define ANALYSIS_ARCHIVE_PRIVATE_H

#include <limits.h>
#include <stdio.h>

#include "archive.h"

struct archive {
	struct run *const *run;
	size_t runs;
	bool anonymous;
	char top[PATH_MAX];  /* the temporary folder */
	char root[PATH_MAX]; /* in it, what the archive holds */
	struct run **copy;   /* as they are in the archive */
	char *figures;	     /* their lines for REPRODUCE.md */
	char *note, *why;
};

int archive_copy(const char *from, const char *to, char *why);
/* SHA256SUMS of all below `root`, in the order of their names. */
int archive_sums(const char *root, char *why);
/* Packs `root`, which lies in `top`, as `out`; a name's end says how. */
int archive_pack(const char *top, const char *root, const char *out, char *why);
void archive_remove(const char *folder);
int archive_reproduce(const struct archive *archive);
/* Leaves out of a run.json what may tell whose it is. */
void archive_strip(json_t *json);

#endif
