/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names in a folder, without memory. A folder that cannot be read to its end is an error:
 * nftw(), fts_read() and readdir() without errno take it for one that has no further files.
 */
#ifndef RESULTS_WALK_H
#define RESULTS_WALK_H

/*
 * Calls back for each name but "." and ".." in `folder`, a descriptor, until call() returns other
 * than 0. 0, that value, or -errno of reading.
 */
int walk_names(int folder, int (*call)(void *arg, int folder, const char *name), void *arg);

#endif
