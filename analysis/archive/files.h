/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of an archive. Return 0 or -errno, and one line in `why`. */
#ifndef ANALYSIS_ARCHIVE_FILES_H
#define ANALYSIS_ARCHIVE_FILES_H

int archive_make_folder(const char *path, char *why);
/* SHA256SUMS of all files below `root`, in the order of their names. */
int archive_sums(const char *root, char *why);

#endif
