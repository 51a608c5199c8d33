/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive while it is made. */
#ifndef ANALYSIS_ARCHIVE_CONTENTS_H
#define ANALYSIS_ARCHIVE_CONTENTS_H

#include <limits.h>

#include "../../results/run.h"
#include "../../results/temporary.h"

#define ARCHIVE_NAME 128 /* bytes of the name of a run or of the top folder */

struct archive {
	struct run *const *run;
	size_t runs;
	bool anonymous;
	struct temporary top;
	char root[PATH_MAX]; /* the archive's top folder, in `top` */
	struct run **copy;   /* the runs as copied into the archive */
	char *figures;	     /* the commands of figures in REPRODUCE.md */
	char *missing;	     /* the lines on figures that could not be drawn */
	size_t figures_missing;
	char *note, *why;
};

#endif
