/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs in an archive. */
#ifndef ANALYSIS_ARCHIVE_COPY_H
#define ANALYSIS_ARCHIVE_COPY_H

#include "contents.h"

/*
 * Copies a run into the archive, where its name needs no quotes in a shell, and opens the copy.
 * run.json stays as it is unless the archive is anonymous. 0 or -errno, and archive->why.
 */
int archive_copy_run(struct archive *archive, size_t index);

#endif
