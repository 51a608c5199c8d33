/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ANALYSIS_OUTPUT_REPLACE_FILE_H
#define ANALYSIS_OUTPUT_REPLACE_FILE_H

/*
 * Puts what can be read from `from` where the user wants it: a file is replaced once it is
 * complete, what a link leads to too; a device or a pipe is written to; "-" is stdout. 0 or -errno.
 */
int deliver(int from, const char *out);

#endif
