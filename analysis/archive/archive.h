/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An archive for reviewers, in one file: runs, figures with data and scripts, checksums, and how to
 * measure again.
 */
#ifndef ANALYSIS_ARCHIVE_ARCHIVE_H
#define ANALYSIS_ARCHIVE_ARCHIVE_H

#include "../../results/run.h"

/*
 * 0, or -errno and one line in `why`; `out` is then unchanged. `note` says which figures the
 * archive lacks and why, or is "". Both have RUN_WHY bytes.
 */
int archive_write(struct run *const *run, size_t runs, bool anonymous, const char *out, char *note,
		  char *why);

#endif
