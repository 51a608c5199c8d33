/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REPRODUCE.md: how to check the archive and how to measure again. */
#ifndef ANALYSIS_ARCHIVE_REPRODUCE_H
#define ANALYSIS_ARCHIVE_REPRODUCE_H

#include "contents.h"

/* 0 or -errno, and archive->why. */
int archive_reproduce(const struct archive *archive);

#endif
