/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ANALYSIS_OUTPUT_REPLACE_FILE_H
#define ANALYSIS_OUTPUT_REPLACE_FILE_H

/*
 * Writes all that can be read from `from` to `out`. A regular file is replaced by a rename once its
 * content is complete; of a symbolic link the target is. A device or a pipe is written to; "-" is
 * stdout. 0 or -errno.
 */
int replace_file(int from, const char *out);

#endif
