/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive under way. */
#ifndef ANALYSIS_ARCHIVE_CONTENTS_H
#define ANALYSIS_ARCHIVE_CONTENTS_H

#include <limits.h>

#include "../../results/run.h"

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

#endif
