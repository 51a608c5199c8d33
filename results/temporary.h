/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Temporary files and folders. Each is locked (flock) while its process lives. Making one removes
 * those of the same name in the same folder that are no longer locked, which killed processes left.
 * fatal() removes them, too.
 */
#ifndef RESULTS_TEMPORARY_H
#define RESULTS_TEMPORARY_H

#include <limits.h>
#include <sys/types.h>

#include "fatal.h"

#define TEMPORARY_PATH (PATH_MAX - 512) /* a name in the folder still fits into PATH_MAX */

struct temporary {
	char path[TEMPORARY_PATH]; /* "": there is none */
	int fd;			   /* open and locked; of a file, for writing */
	struct fatal_hook hook;	   /* removes it: it must not be moved while it is there */
};

/* $TMPDIR, or /tmp: root runs what it writes there, and so passes over a folder of another user. */
const char *temporary_top(void);
/*
 * Makes `parent`/`name`-XXXXXX with the permissions `mode`, less the umask, after it has removed
 * what dead processes left under that name. 0 or -errno.
 */
int temporary_folder(struct temporary *temporary, const char *parent, const char *name,
		     mode_t mode);
int temporary_file(struct temporary *temporary, const char *parent, const char *name, mode_t mode);
/* Renames it to its final place, where it stays. 0 or -errno: then it is still temporary. */
int temporary_rename(struct temporary *temporary, const char *path);
/* Leaves it where it is, for good. */
void temporary_keep(struct temporary *temporary);
/* Renames it, and it stays locked; but another name is not swept. 0 or -errno. */
int temporary_move(struct temporary *temporary, const char *path);
/*
 * Takes over what temporary_move() of another process has left at `path`. -EBUSY: that process
 * lives. Other -errno.
 */
int temporary_take(struct temporary *temporary, const char *path);
/* Removes it with all that is in it. Nothing to do for one that was renamed or never made. */
void temporary_remove(struct temporary *temporary);

#endif
